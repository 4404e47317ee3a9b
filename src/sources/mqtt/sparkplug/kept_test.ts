import assert from "node:assert/strict";
import { sparkplugPayload } from "../../../../tests/fakes/sparkplug_payload.ts";
import { decodeRow, MQTT } from "../../../bronze/mod.ts";
import { mqttSettings } from "../settings.ts";
import { mqtt } from "../spec.ts";

function decodeAgain(payload: Uint8Array) {
  const settings = mqttSettings.parse({ topics: [{ topic: "spBv1.0/#" }], payload: { format: "sparkplug_b" } });
  const config = { name: "line", endpoint: "mqtt://h", labels: {}, settings };
  const message = { tag: "spBv1.0/g/DDATA/n/d", payload, timeUs: 7 };
  return { readings: mqtt.decodeAgain?.(config)(message) ?? [], encode: mqtt.encoder(config) };
}

Deno.test("a Sparkplug message that was kept becomes rows with their status, type and flags, where its metrics have names", () => {
  const { readings, encode } = decodeAgain(sparkplugPayload({
    metrics: [
      {
        name: "p",
        ms: 1_700_000_000_005,
        type: 10,
        double: 1.5,
        isHistorical: true,
        properties: { Quality: 192, engUnit: "bar" },
      },
      { name: "v", ms: 1_700_000_000_005, type: 11, boolean: true, isTransient: true },
    ],
  }));
  const rows = readings.map((reading) => {
    const row = decodeRow(MQTT, encode(reading, { edgeId: "e", bootEpoch: 1, seq: 2, ingestTimeUs: 3 }));
    const { sensor_name, value, value_string, unit, status, value_type, is_historical, is_transient, event_time, qos } =
      row;
    return { sensor_name, value, value_string, unit, status, value_type, is_historical, is_transient, event_time, qos };
  });
  const common = { event_time: 1_700_000_000_005_000, qos: undefined };
  assert.deepEqual(rows, [
    {
      ...common,
      sensor_name: "p",
      value: 1.5,
      value_string: undefined,
      unit: "bar",
      status: "Good",
      value_type: "Double",
      is_historical: true,
      is_transient: false,
    },
    {
      ...common,
      sensor_name: "v",
      value: undefined,
      value_string: "true",
      unit: undefined,
      status: undefined,
      value_type: "Boolean",
      is_historical: false,
      is_transient: true,
    },
  ]);
});

Deno.test("a Sparkplug message that was kept is refused again where one of its metrics has an alias alone", () => {
  const payload = sparkplugPayload({ metrics: [{ name: "p", type: 10, double: 1 }, { alias: 4, double: 1 }] });
  assert.throws(() => decodeAgain(payload), { code: "sparkplug_no_birth" });
});
