/** The labels that a person writes mean the same for every protocol. */
import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { type BronzeValue, decodeRow, messageNamed } from "../bronze/mod.ts";
import type { Reading } from "../core/reading.ts";
import { decodeKept } from "../sources/mqtt/decode.ts";
import type { MqttSettings } from "../sources/mqtt/settings.ts";
import { TopicRules } from "../sources/mqtt/topic_rules.ts";
import { mappingsOf } from "../sources/modbus/mapping.ts";
import type { ModbusSettings } from "../sources/modbus/settings.ts";

const ENTRY = 'labels: { line: "4", plc_name: press_4, node_id: mine, topic: mine, register_type: mine }';
const YAML = `local_sink: { enabled: true }
sources:
  - name: a
    protocol: opcua
    endpoint: opc.tcp://h:4840
    labels: { line: "1", industry: automotive, endpoint: mine, status: mine, sensor_name: mine }
    opcua: { nodes: [{ node_id: i=2258, name: oven, unit: degC, ${ENTRY} }] }
  - name: b
    protocol: mqtt
    endpoint: mqtt://h
    labels: { line: "1", industry: automotive, endpoint: mine, status: mine, sensor_name: mine }
    mqtt: { topics: [{ topic: "plant/#", payload: { sensor_name: oven, unit: degC }, ${ENTRY} }] }
  - name: c
    protocol: modbus
    endpoint: modbus+tcp://h
    labels: { line: "1", industry: automotive, endpoint: mine, status: mine, sensor_name: mine }
    modbus: { registers: [{ name: oven, address: 0, unit: degC, ${ENTRY} }] }
`;

/** A reading of the one tag that each source has. */
function readingOf(protocol: string, settings: unknown): Reading {
  if (protocol === "mqtt") {
    const parsed = settings as MqttSettings; // of this protocol
    const rule = new TopicRules(parsed).of("plant/x");
    const payload = new TextEncoder().encode("1");
    const [reading] = decodeKept({ topic: "plant/x", payload }, { rule, arrivedUs: 1, maxPayloadBytes: 1000 });
    return reading!; // a number is one row
  }
  if (protocol === "modbus") {
    const [mapping] = mappingsOf(settings as ModbusSettings); // of this protocol
    return { tag: "oven", eventTimeUs: 1, from: mapping?.tags[0], raw: 1, value: 1 } as Reading;
  }
  const from = { namespace: 0, nodeId: "i=2258", labels: { line: "4", plc_name: "press_4", node_id: "mine" } };
  return { tag: "oven", eventTimeUs: 1, from, value: { statusCode: 0, status: "Good" } } as Reading;
}

async function rows(): Promise<Record<string, Record<string, BronzeValue>>> {
  const { sources } = await loadText(YAML);
  const made = sources.map(({ spec, config }) => {
    const stamp = { edgeId: "e", bootEpoch: 1, seq: 1, ingestTimeUs: 1 };
    const bytes = spec.encoder(config)(readingOf(spec.type, config.settings), stamp);
    return [spec.type, decodeRow(messageNamed(spec.message), bytes)];
  });
  return Object.fromEntries(made);
}

Deno.test("labels of an entry stand beside those of its source, whose own they replace, in every protocol", async () => {
  for (const [protocol, row] of Object.entries(await rows())) {
    const { line, industry, plc_name } = JSON.parse(String(row.labels));
    assert.deepEqual(
      { line, industry, plc_name },
      { line: "4", industry: "automotive", plc_name: "press_4" },
      protocol,
    );
    assert.deepEqual([row.industry, row.plc_name], [row.industry && "automotive", "press_4"], protocol);
  }
});

Deno.test("labels take the place of nothing that a device says", async () => {
  const { opcua, mqtt, modbus } = await rows();
  assert.deepEqual([opcua?.endpoint, opcua?.node_id, opcua?.status], ["opc.tcp://h:4840", "i=2258", "Good"]);
  assert.deepEqual([mqtt?.topic, mqtt?.sensor_name, mqtt?.status, mqtt?.unit], ["plant/x", "oven", undefined, "degC"]);
  assert.deepEqual([modbus?.register_type, modbus?.sensor_name, modbus?.unit], ["holding", "oven", "degC"]);
});
