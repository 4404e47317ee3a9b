import assert from "node:assert/strict";
import { sparkplugDataSet } from "../../../../tests/fakes/sparkplug_payload.ts";
import type { DataType } from "./data_type.ts";
import type { RawValue } from "./payload.ts";
import { Room } from "./room.ts";
import { UnreadableValue } from "./unreadable.ts";
import { columnValue } from "./value.ts";

/** That of a message with nothing else in it. */
const room = () => new Room({ maxMetrics: 1, metrics: 1, perRow: 0 });
const integer = (value: number | bigint): RawValue => ({ kind: "integer", value });
const real = (value: number): RawValue => ({ kind: "real", value });
const text = (value: string): RawValue => ({ kind: "text", value });
const bytes = (...values: number[]): RawValue => ({ kind: "bytes", bytes: Uint8Array.from(values) });

/** What stands in the payload, its type, and what becomes of it. */
const VALUES: readonly (readonly [name: string, RawValue, DataType, number | string | undefined])[] = [
  ["an Int8 extended to 32 bits", integer(0xffffff80), "Int8", -128],
  ["an Int8 extended to 64 bits", integer(0xffffffffffffff80n), "Int8", -128],
  ["an Int8 cut to its eight bits", integer(0x80), "Int8", -128],
  ["the largest Int8", integer(127), "Int8", 127],
  ["an Int16 cut to its bits", integer(0xfffe), "Int16", -2],
  ["an Int32", integer(0xffffffff), "Int32", -1],
  ["an Int32 extended to 64 bits", integer(0xffffffff_fffffffen), "Int32", -2],
  ["a small Int64 as a number", integer(0xffffffff_ffffffffn), "Int64", -1],
  ["an Int64 beyond 2^53 in all its digits", integer(2n ** 63n), "Int64", "-9223372036854775808"],
  ["2^53 as text, which a double could not tell from its neighbour", integer(2n ** 53n), "Int64", "9007199254740992"],
  ["2^53 - 1 as a number", integer(2 ** 53 - 1), "UInt64", 2 ** 53 - 1],
  ["a UInt32 above 2^31", integer(4294967295), "UInt32", 4294967295],
  ["a UInt64 above 2^63", integer(2n ** 64n - 1n), "UInt64", "18446744073709551615"],
  ["a whole number sent as a double", real(7), "Int32", 7],
  ["a double sent as a whole number", integer(7), "Double", 7],
  ["NaN as it is", real(NaN), "Double", NaN],
  ["a boolean", { kind: "boolean", value: false }, "Boolean", "false"],
  ["a boolean sent as a number", integer(1), "Boolean", "true"],
  ["text that looks like a number as text", text("00123"), "String", "00123"],
  ["a time before 1970", integer(0xffffffff_ffffffffn), "DateTime", "1969-12-31T23:59:59.999Z"],
  ["bytes as base64", bytes(1, 2, 255), "Bytes", "AQL/"],
  ["no value as null", { kind: "none" }, "Int32", undefined],
  ["a double of unknown type", real(1.5), "Unknown", 1.5],
  ["text of unknown type", text("on"), "Unknown", "on"],
  ["an empty array", bytes(), "Int32Array", "[]"],
  ["the array of the specification: Int8", bytes(0xe9, 0x7b), "Int8Array", "[-23,123]"],
  ["the array of the specification: Int16", bytes(0xd0, 0x8a, 0xd0, 0x75), "Int16Array", "[-30000,30160]"],
  ["integers of an array in all their digits", bytes(...Array(8).fill(255)), "UInt64Array", "[18446744073709551615]"],
  ["infinity in an array", bytes(0, 0, 0x80, 0xff), "FloatArray", '["-Infinity"]'],
  ["booleans, the first in the highest bit", bytes(3, 0, 0, 0, 0b01100000), "BooleanArray", "[false,true,true]"],
  [
    "nine booleans, the last in the second byte",
    bytes(9, 0, 0, 0, 0b10000001, 0x80),
    "BooleanArray",
    "[true,false,false,false,false,false,false,true,true]",
  ],
  ["eight booleans", bytes(8, 0, 0, 0, 0x0f), "BooleanArray", "[false,false,false,false,true,true,true,true]"],
  ["no booleans", bytes(0, 0, 0, 0), "BooleanArray", "[]"],
  ["strings, an empty one among them", bytes(0x41, 0, 0, 0x42, 0), "StringArray", '["A","","B"]'],
];

for (const [name, raw, type, expected] of VALUES) {
  Deno.test(`columnValue() reads ${name}`, () => {
    const { value, text } = columnValue(raw, type, room());
    assert.deepEqual(value ?? text, expected);
    assert.equal(value === undefined, typeof expected !== "number");
  });
}

const REFUSED: readonly (readonly [name: string, RawValue, DataType])[] = [
  ["a number of nine bits as Int8", integer(256), "Int8"],
  ["a number that only looks extended", integer(0xffffff7f), "Int8"],
  ["a whole number of unknown type, whose sign nobody knows", integer(255), "Unknown"],
  ["text where a number should be", text("7"), "Int32"],
  ["a number where text should be", real(7), "String"],
  ["a time beyond all calendars", integer(2 ** 53 - 1), "DateTime"],
  ["a time beyond all numbers", integer(2n ** 62n), "DateTime"],
  ["an array that ends within an element", bytes(1, 2, 3), "Int16Array"],
  ["fewer booleans than there are said to be", bytes(9, 0, 0, 0, 0xff), "BooleanArray"],
  ["booleans beyond all memory", bytes(0xff, 0xff, 0xff, 0xff), "BooleanArray"],
  ["a string of an array without end", bytes(0x41), "StringArray"],
  ["strings that are no UTF-8", bytes(0xff, 0), "StringArray"],
];

for (const [name, raw, type] of REFUSED) {
  Deno.test(`columnValue() refuses ${name}`, () => {
    assert.throws(() => columnValue(raw, type, room()), UnreadableValue);
  });
}

for (const isPacked of [false, true]) {
  Deno.test(`columnValue() makes JSON of a data set, its types ${isPacked ? "packed" : "one by one"}`, () => {
    const dataSet = sparkplugDataSet({
      columns: ["id", 'na"me'],
      types: [4, 12],
      rows: [[-5n, "a"], [2n ** 63n - 1n, "b"]],
      isPacked,
    });
    const { text } = columnValue({ kind: "dataset", bytes: dataSet }, "DataSet", room());
    const expected =
      '{"columns":["id","na\\"me"],"types":["Int64","String"],"rows":[[-5,"a"],[9223372036854775807,"b"]]}';
    assert.equal(text, expected);
  });
}

Deno.test("columnValue() refuses a data set whose rows are shorter than its columns", () => {
  const dataSet = sparkplugDataSet({ columns: ["id", "name"], types: [4, 12], rows: [[1n]] });
  assert.throws(
    () => columnValue({ kind: "dataset", bytes: dataSet }, "DataSet", room()),
    /2 columns with a row of 1 elements/,
  );
});

/** Types of arrays, and elements of so many bytes that one message cannot hold their text. */
const TOO_LONG: readonly (readonly [DataType, bytes: Uint8Array])[] = [
  ["BooleanArray", booleans(6_000_000)],
  ["Int8Array", new Uint8Array(7_000_000)],
  ["DateTimeArray", new Uint8Array(9_000_000)],
  ["StringArray", new Uint8Array(6_000_000).fill(1).with(5_999_999, 0)],
  ["Bytes", new Uint8Array(25_000_000)],
];

function booleans(count: number): Uint8Array {
  const bytes = new Uint8Array(4 + Math.ceil(count / 8));
  new DataView(bytes.buffer).setUint32(0, count, true);
  return bytes;
}

for (const [type, bytes] of TOO_LONG) {
  Deno.test(`columnValue() refuses a ${type} that would be more text than one message may become`, () => {
    assert.throws(() => columnValue({ kind: "bytes", bytes }, type, room()), /more text than one message may become/);
  });
}

Deno.test("columnValue() refuses a data set that would be more text than one message may become", () => {
  const rows = Array<string[]>(6000).fill(["\u0001".repeat(1000)]); // each of them is six characters of JSON
  const dataSet = sparkplugDataSet({ columns: ["c"], types: [12], rows });
  const read = () => columnValue({ kind: "dataset", bytes: dataSet }, "DataSet", room());
  assert.throws(read, /more text than one message may become/);
});

Deno.test("columnValue() counts the text of all values of a message together", () => {
  const shared = room();
  const raw: RawValue = { kind: "bytes", bytes: booleans(2_000_000) };
  for (let i = 0; i < 2; i++) assert.ok(columnValue(raw, "BooleanArray", shared).text);
  assert.throws(() => columnValue(raw, "BooleanArray", shared), /more text than one message may become/);
  assert.equal(columnValue(bytes(1, 0, 0, 0, 0x80), "BooleanArray", shared).text, "[true]", "there is room for less");
});

Deno.test("columnValue() counts the text of an array before it makes it", () => {
  const asked: number[] = [];
  const full = { takeText: (characters: number) => assert.equal(asked.push(characters), 0, "full") };
  assert.throws(() => columnValue({ kind: "bytes", bytes: booleans(8000) }, "BooleanArray", full), /full/);
  assert.throws(() => columnValue({ kind: "bytes", bytes: new Uint8Array(8000) }, "DoubleArray", full), /full/);
  assert.deepEqual(asked, [48_000, 26_000]);
});
