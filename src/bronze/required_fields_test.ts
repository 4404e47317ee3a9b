import assert from "node:assert/strict";
import fc from "fast-check";
import type { SourceSpec } from "../core/source.ts";
import { modbus } from "../sources/modbus/spec.ts";
import { mqtt } from "../sources/mqtt/spec.ts";
import { opcua } from "../sources/opcua/spec.ts";
import {
  ALWAYS_FILLED,
  decodeRow,
  encodeRow,
  messageNamed,
  MESSAGES,
  MODBUS,
  MQTT,
  type MqttRow,
  OPCUA,
  requiredFields,
} from "./mod.ts";

const rows: fc.Arbitrary<MqttRow> = fc.record({
  event_time: fc.integer(),
  topic: fc.string(),
  value: fc.double(),
  value_string: fc.constantFrom("", "x"),
  unit: fc.string({ maxLength: 1 }),
  qos: fc.integer({ min: 0, max: 2 }),
  retain: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 2 }),
  labels: fc.string(),
}, { requiredKeys: [] });
const COLUMNS = ["topic", "value", "value_string", "unit", "qos", "retain", "payload", "labels"];

/** The same by looking at the decoded row. */
function empty(row: Uint8Array, columns: readonly string[]): string[] {
  const decoded = decodeRow(MQTT, row);
  return columns.filter((name) => decoded[name] === undefined || decoded[name] === "");
}

Deno.test("requiredFields() finds what decodeRow() shows as missing or as empty text, whatever the row", () => {
  // Two rows in one: as where a source's constants stand before what a reading says.
  fc.assert(fc.property(rows, rows, fc.subarray(COLUMNS, { minLength: 1 }), (first, second, columns) => {
    const row = new Uint8Array([...encodeRow(MQTT, first), ...encodeRow(MQTT, second)]);
    const fault = requiredFields(MQTT, columns)?.(row);
    const missing = empty(row, columns);
    assert.equal(fault?.code, missing.length > 0 ? "required_field_missing" : undefined);
    const named = fault?.message.match(/names, (.*) (?:is|are) empty/)?.[1]?.split(", ") ?? [];
    assert.deepEqual(named.toSorted(), missing.toSorted());
  }));
});

Deno.test("requiredFields() says in words which column is empty and what to do", () => {
  assert.equal(
    requiredFields(MQTT, ["unit"])?.(encodeRow(MQTT, { topic: "a" }))?.message,
    "Of the columns that processing.validation.required_fields names, unit is empty: " +
      "mend the device or the source's settings, or take the name out",
  );
});

Deno.test("requiredFields() looks at no row for columns that each row fills, or that the message does not have", () => {
  for (const message of MESSAGES) assert.equal(requiredFields(message, ALWAYS_FILLED), undefined);
  assert.equal(requiredFields(MODBUS, ["topic", "event_time"]), undefined);
  assert.notEqual(requiredFields(OPCUA, ["topic", "node_id"]), undefined);
});

Deno.test("requiredFields() takes a number 0 and false for a value", () => {
  const row = encodeRow(MQTT, { value: 0, qos: 0, retain: false });
  assert.equal(requiredFields(MQTT, ["value", "qos", "retain"])?.(row), undefined);
});

/** For each protocol what is the same in all readings of a tag, and a reading that says as little as it can. */
const BARE: readonly (readonly [SourceSpec, object, object])[] = [
  [opcua, { nodeId: "", namespace: 0, labels: { source_name: "", seq: "" } }, { value: { statusCode: 0, status: "" } }],
  [mqtt, { topic: "", sensorName: "" }, { qos: 0, isRetained: false, payload: new Uint8Array() }],
  [modbus, { name: "", slaveId: 0, address: 0, registerType: "coil" }, {}],
];

for (const [spec, from, said] of BARE) {
  Deno.test(`a row of ${spec.type} that says as little as it can fills the columns that are never looked at`, () => {
    const labels = { source_name: "", edge_id: "", event_time: "" };
    const encode = spec.encoder({ name: "press", endpoint: "", labels, settings: {} });
    const reading = { tag: "t", eventTimeUs: 0, from, ...said };
    const row = decodeRow(
      messageNamed(spec.message),
      encode(reading, { edgeId: "e", bootEpoch: 0, seq: 0, ingestTimeUs: 0 }),
    );
    assert.deepEqual(ALWAYS_FILLED.filter((name) => row[name] === undefined || row[name] === ""), []);
    assert.equal(row.source_name, "press");
  });
}
