import assert from "node:assert/strict";
import type { DataType } from "./data_type.ts";
import { mappingSettings, noValueOf } from "./mapping_settings.ts";
import { readNoValue } from "./no_value.ts";

const READ: readonly [type: Exclude<DataType, "string" | "bool">, stated: number, read: number | undefined][] = [
  ["int16", 0x8000, -32768],
  ["int16", -32768, -32768],
  ["int16", 0x7fff, 32767],
  ["int16", 0xffff, -1],
  ["int16", 70000, undefined],
  ["int16", -32769, undefined],
  ["int32", 0x80000000, -2147483648],
  ["int64", 2 ** 63, -(2 ** 63)],
  ["uint16", 0xffff, 65535],
  ["uint16", 70000, undefined],
  ["uint16", -1, undefined],
  ["uint16", 1.5, undefined],
  ["uint32", 0xffffffff, 4294967295],
  ["uint64", 0xffffffffffffffff, 2 ** 64],
  ["bcd16", 9999, 9999],
  ["bcd16", 10000, undefined],
  ["float32", -9999.9, -9999.900390625],
  ["float32", 3.4028235e38, 3.4028234663852886e38],
  ["float32", 1e39, undefined],
  ["float16", 0.1, 0.0999755859375],
  ["float64", -9999.9, -9999.9],
];

for (const [dataType, stated, read] of READ) {
  Deno.test(`no_value ${stated} of ${dataType} is read as ${read ?? "nothing that it can hold"}`, () => {
    assert.equal(readNoValue(stated, { dataType, bitCount: 1, isPart: false }), read);
  });
}

Deno.test("no_value of some bits of a register is a number of so many bits", () => {
  const part = { dataType: "uint16", bitCount: 3, isPart: true } as const;
  assert.deepEqual([7, 8].map((stated) => readNoValue(stated, part)), [7, undefined]);
});

Deno.test("an entry's no_value is read as its type reads it, and refused where the type never holds it", () => {
  const entry = { name: "t", address: 0, data_type: "int16", no_value: 0x8000 };
  assert.equal(noValueOf(mappingSettings.parse(entry)), -32768);
  assert.throws(() => mappingSettings.parse({ ...entry, no_value: 70000 }), /is nothing that int16 can hold/);
  assert.throws(() => mappingSettings.parse({ ...entry, data_type: "string" }), /it is for numbers/);
});
