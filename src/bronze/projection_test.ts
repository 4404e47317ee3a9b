import assert from "node:assert/strict";
import fc from "fast-check";
import protobuf from "protobufjs";
import { MQTT, type MqttRow } from "./mod.ts";
import { encodeRow } from "./encoder.ts";
import { projection } from "./projection.ts";
import { ProtoReader } from "../lib/proto_reader.ts";

const Mqtt = protobuf.parse(Deno.readTextFileSync(new URL("../../protos/mqtt_bronze.proto", import.meta.url)), {
  keepCase: true,
}).root.lookupType("MQTTBronzeRecord");

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const rows: fc.Arbitrary<MqttRow> = fc.record({
  event_time: int64,
  topic: fc.string({ unit: "binary" }),
  value: fc.double(),
  qos: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  retain: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 300 }),
  seq: int64,
  labels: fc.string(),
}, { requiredKeys: [] });
const numbers = fc.subarray(MQTT.fields.map((field) => field.number)).map((kept) => new Set(kept));

function decode(bytes: Uint8Array): Record<string, unknown> {
  return Mqtt.toObject(Mqtt.decode(bytes), { longs: String, bytes: Array });
}

Deno.test("projection() equals decoding, leaving fields out and encoding again", () => {
  fc.assert(fc.property(rows, numbers, (row, keep) => {
    const kept = MQTT.fields.filter((field) => keep.has(field.number)).map((field) => field.name);
    const expected = Object.fromEntries(Object.entries(row).filter(([name]) => kept.includes(name)));
    const projected = projection(keep)(encodeRow(MQTT, row));
    assert.deepEqual(projected, encodeRow(MQTT, expected));
    assert.deepEqual(decode(projected), decode(encodeRow(MQTT, expected)));
  }));
});

Deno.test("projection() returns the row itself when nothing is left out", () => {
  const row = encodeRow(MQTT, { topic: "a/b", value: 0, retain: false });
  assert.equal(projection(new Set([4, 7, 13]))(row), row);
});

Deno.test("projection() keeps a field that stands twice, and groups of neighbours, in their order", () => {
  const twice = new Uint8Array([...encodeRow(MQTT, { topic: "a", qos: 1 }), ...encodeRow(MQTT, { topic: "b" })]);
  const projected = projection(new Set([4]))(twice);
  assert.equal(decode(projected).topic, "b");
  assert.equal(projected.length, 6);
});

for (
  const [what, bytes] of [
    ["a length beyond the end", [0x22, 0x05, 0x61]],
    ["a key cut short", [0x80]],
    ["a varint cut short", [0x08, 0x80]],
    ["a double cut short", [0x39, 0x00]],
    ["an unknown wire type", [0x0f, 0x00]],
    ["field number 0", [0x00, 0x00]],
  ] as const
) {
  Deno.test(`projection() refuses ${what}`, () => {
    assert.throws(() => projection(new Set([1]))(new Uint8Array(bytes)), RangeError);
  });
}

Deno.test("ProtoReader reads whole numbers of either sign exactly", () => {
  fc.assert(fc.property(int64, fc.integer(), (event_time, qos) => {
    const field = new ProtoReader(encodeRow(MQTT, { event_time, qos }));
    assert.ok(field.next());
    assert.equal(field.int64(), event_time);
    assert.ok(field.next());
    assert.equal(field.int32(), qos);
    assert.ok(!field.next());
  }));
});
