import assert from "node:assert/strict";
import { decodeRow, encodeRow, messageNamed, MODBUS, MQTT, OPCUA } from "./mod.ts";

const INT64_MIN = -(2n ** 63n);

Deno.test("decodeRow() gives back what encodeRow() was given, by column", () => {
  const mqtt = { topic: "a/µ", value: -0.5, qos: 0, retain: false, timestamp_ms: -1, seq: INT64_MIN, labels: "{}" };
  assert.deepEqual(decodeRow(MQTT, encodeRow(MQTT, mqtt)), mqtt);
  const modbus = { slave_id: 255, scaled_value: -2147483648, value: NaN };
  assert.deepEqual(decodeRow(MODBUS, encodeRow(MODBUS, modbus)), modbus);
  const opcua = { status_code: 0x80340000, raw: Uint8Array.of(0, 255), source_time: 2n ** 62n };
  assert.deepEqual(decodeRow(OPCUA, encodeRow(OPCUA, opcua)), opcua);
});

Deno.test("decodeRow() passes over fields that the message does not have", () => {
  assert.deepEqual(decodeRow(MODBUS, encodeRow(MQTT, { is_historical: true })), {}); // Modbus rows have no field 24
});

Deno.test("messageNamed() knows each message and no other", () => {
  assert.equal(messageNamed("MQTTBronzeRecord"), MQTT);
  assert.throws(() => messageNamed("Nope"), RangeError);
});
