import assert from "node:assert/strict";
import protobuf from "protobufjs";
import { modbusEncoder } from "./encode.ts";
import { mappingsOf } from "./mapping.ts";
import type { ModbusValue } from "./reading.ts";
import { modbusSettings } from "./settings.ts";

const message = protobuf.loadSync("protos/modbus_bronze.proto").root.lookupType("ModbusBronzeRecord");
const STAMP = { edgeId: "edge", bootEpoch: 5, seq: 7, ingestTimeUs: 1_700_000_000_000_001 };

/** The row of one value of one entry, as protobufjs reads it. */
function rowOf(keys: Record<string, unknown>, value: Partial<ModbusValue>): Record<string, unknown> {
  const settings = modbusSettings.parse({ slave_id: 3, registers: [{ name: "t", address: 40011, ...keys }] });
  const labels = { plc_name: "press_4", line: "L1" };
  const encode = modbusEncoder({ name: "plc", endpoint: "modbus+tcp://plc", labels, settings });
  const from = mappingsOf(settings)[0]?.tags.at(-1) ?? assert.fail();
  const reading = { tag: from.name, eventTimeUs: 1_700_000_000_000_000, from, raw: undefined, value: undefined };
  return message.toObject(message.decode(encode({ ...reading, text: undefined, ...value }, STAMP)), { longs: Number });
}

Deno.test("modbusEncoder() fills every column it knows", () => {
  const keys = { count: 2, scale_factor: 0.1, unit: "degC", sensor_type: "temperature", sensor_path: "line1/oven" };
  assert.deepEqual(rowOf(keys, { raw: 215, value: 21.5 }), {
    eventTime: 1_700_000_000_000_000,
    ingestTime: 1_700_000_000_000_001,
    sourceName: "plc",
    slaveId: 3,
    registerAddress: 11,
    registerType: "holding",
    sensorName: "t[1]",
    sensorPath: "line1/oven",
    sensorType: "temperature",
    unit: "degC",
    rawValue: 215,
    scaledValue: 22,
    scaleFactor: 10,
    plcName: "press_4",
    value: 21.5,
    edgeId: "edge",
    bootEpoch: 5,
    seq: 7,
    labels: '{"plc_name":"press_4","line":"L1"}',
  });
});

Deno.test("modbusEncoder() keeps a uint32 above 2^31 and saturates its scaled_value", () => {
  const { rawValue, value, scaledValue } = rowOf({ data_type: "uint32" }, { raw: 4_294_967_295, value: 4_294_967_295 });
  assert.deepEqual([rawValue, value, scaledValue], [4_294_967_295, 4_294_967_295, 2 ** 31 - 1]);
});

const ROUNDED: readonly [value: number, scaledValue: number | undefined][] = [
  [0, 0],
  [2.5, 3],
  [-2.5, -3],
  [-0.4, 0],
  [-1e12, -(2 ** 31)],
  [Infinity, 2 ** 31 - 1],
  [NaN, undefined],
];

for (const [value, scaledValue] of ROUNDED) {
  Deno.test(`modbusEncoder() rounds ${value} to scaled_value ${scaledValue ?? "NULL"}`, () => {
    const row = rowOf({}, { raw: value, value });
    assert.equal(row["scaledValue"], scaledValue);
    assert.ok(Object.is(row["value"], value));
  });
}

Deno.test("modbusEncoder() leaves scale_factor NULL for a factor that is no whole part", () => {
  assert.equal(rowOf({ scale_factor: 0.3 }, { raw: 1, value: 0.3 })["scaleFactor"], undefined);
});

Deno.test("modbusEncoder() puts text into value_string and no number beside it", () => {
  const row = rowOf({ data_type: "string" }, { text: "Pump" });
  assert.equal(row["valueString"], "Pump");
  for (const column of ["rawValue", "value", "scaledValue", "scaleFactor"]) {
    assert.equal(row[column], undefined, column);
  }
});
