import assert from "node:assert/strict";
import fc from "fast-check";
import type { DataType, Order } from "./data_type.ts";
import { REGISTERS_PER_VALUE } from "./data_type.ts";
import { decodeBit, decodeRegisters } from "./decode.ts";
import type { ValueFormat } from "./mapping.ts";
import type { ModbusValue } from "./reading.ts";
import { scaleOf } from "./scale.ts";

interface Orders {
  readonly byteOrder?: Order;
  readonly wordOrder?: Order;
}

const ABCD: Orders = {};
const CDAB: Orders = { wordOrder: "little" };
const BADC: Orders = { byteOrder: "little" };
const DCBA: Orders = { byteOrder: "little", wordOrder: "little" };

function formatOf(dataType: DataType, rest: Partial<ValueFormat> = {}): ValueFormat {
  const width = dataType === "string" ? 1 : REGISTERS_PER_VALUE[dataType];
  const orders = { byteOrder: "big", wordOrder: "big" } as const;
  const usual = {
    bit: undefined,
    bitCount: 1,
    width,
    scale: scaleOf(1, 0),
    noValue: undefined,
    encoding: "auto",
    padding: "nul",
  } as const;
  return { dataType, ...orders, ...usual, ...rest };
}

/** What `decodeRegisters` gives where there is a value. */
function decoded(data: DataView, at: number, format: ValueFormat): ModbusValue {
  return decodeRegisters(data, at, format) ?? assert.fail("no value");
}

function bytesOf(hex: string): DataView<ArrayBuffer> {
  return new DataView(Uint8Array.fromHex(hex.replaceAll(" ", "")).buffer);
}

/** Written out by hand: what each order makes of the same bytes is what device manuals print. */
const GOLDEN: readonly [type: DataType, orders: Orders, hex: string, value: number][] = [
  ["int16", ABCD, "ff fe", -2],
  ["int16", BADC, "fe ff", -2],
  ["int16", ABCD, "80 00", -32_768],
  ["uint16", ABCD, "ff fe", 65_534],
  ["uint16", BADC, "12 34", 0x3412],
  ["int32", ABCD, "ff ff ff fe", -2],
  ["int32", CDAB, "ff fe ff ff", -2],
  ["int32", BADC, "ff ff fe ff", -2],
  ["int32", DCBA, "fe ff ff ff", -2],
  ["uint32", ABCD, "01 02 03 04", 0x01020304],
  ["uint32", CDAB, "03 04 01 02", 0x01020304],
  ["uint32", BADC, "02 01 04 03", 0x01020304],
  ["uint32", DCBA, "04 03 02 01", 0x01020304],
  ["uint32", ABCD, "ff ff ff ff", 4_294_967_295],
  ["bcd16", ABCD, "12 34", 1234],
  ["bcd16", BADC, "34 12", 1234],
  ["bcd16", ABCD, "99 99", 9999],
  ["bcd32", ABCD, "12 34 56 78", 12_345_678],
  ["bcd32", CDAB, "56 78 12 34", 12_345_678],
  ["bcd32", BADC, "34 12 78 56", 12_345_678],
  ["bcd32", DCBA, "78 56 34 12", 12_345_678],
  ["bcd64", ABCD, "01 23 45 67 89 01 23 45", 123_456_789_012_345],
  ["bcd64", CDAB, "23 45 89 01 45 67 01 23", 123_456_789_012_345],
  ["bcd64", BADC, "23 01 67 45 01 89 45 23", 123_456_789_012_345],
  ["bcd64", DCBA, "45 23 01 89 67 45 23 01", 123_456_789_012_345],
  // IEEE 754-2008, 3.6: binary16 has 5 bits of exponent and 10 of fraction.
  ["float16", ABCD, "4a 40", 12.5],
  ["float16", BADC, "40 4a", 12.5],
  ["float16", ABCD, "c0 00", -2],
  ["float16", ABCD, "00 01", 2 ** -24],
  ["float16", ABCD, "7b ff", 65_504],
  ["float32", ABCD, "41 48 00 00", 12.5],
  ["float32", CDAB, "00 00 41 48", 12.5],
  ["float32", BADC, "48 41 00 00", 12.5],
  ["float32", DCBA, "00 00 48 41", 12.5],
  ["int64", ABCD, "ff ff ff ff ff ff ff fe", -2],
  ["int64", CDAB, "ff fe ff ff ff ff ff ff", -2],
  ["int64", BADC, "ff ff ff ff ff ff fe ff", -2],
  ["int64", DCBA, "fe ff ff ff ff ff ff ff", -2],
  ["uint64", ABCD, "00 00 01 02 03 04 05 06", 0x010203040506],
  ["uint64", CDAB, "05 06 03 04 01 02 00 00", 0x010203040506],
  ["uint64", BADC, "00 00 02 01 04 03 06 05", 0x010203040506],
  ["uint64", DCBA, "06 05 04 03 02 01 00 00", 0x010203040506],
  ["float64", ABCD, "40 29 00 00 00 00 00 00", 12.5],
  ["float64", CDAB, "00 00 00 00 00 00 40 29", 12.5],
  ["float64", BADC, "29 40 00 00 00 00 00 00", 12.5],
  ["float64", DCBA, "00 00 00 00 00 00 29 40", 12.5],
];

for (const [type, orders, hex, value] of GOLDEN) {
  const name = `${orders.byteOrder ?? "big"} ${orders.wordOrder ?? "big"}`;
  Deno.test(`decodeRegisters() reads ${hex} as ${type} ${value}, byte and word order ${name}`, () => {
    assert.deepEqual(decoded(bytesOf(`aa aa ${hex} aa aa`), 2, formatOf(type, orders)), {
      raw: value,
      value,
      text: undefined,
    });
  });
}

const order = fc.constantFrom<Order>("big", "little");

/** What a device does: the value's bytes, most significant first, put into registers in its own order. */
function storeLikeADevice(bigEndian: Uint8Array, byteOrder: Order, wordOrder: Order): DataView {
  const words: number[][] = [];
  for (let at = 0; at < bigEndian.length; at += 2) words.push([...bigEndian.slice(at, at + 2)]);
  if (wordOrder === "little") words.reverse();
  if (byteOrder === "little") { for (const word of words) word.reverse(); }
  return new DataView(Uint8Array.from(words.flat()).buffer);
}

const NUMBERS: Readonly<Record<string, { values: fc.Arbitrary<number>; write(view: DataView, value: number): void }>> =
  {
    int16: { values: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }), write: (view, n) => view.setInt16(0, n) },
    uint16: { values: fc.integer({ min: 0, max: 2 ** 16 - 1 }), write: (view, n) => view.setUint16(0, n) },
    int32: { values: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), write: (view, n) => view.setInt32(0, n) },
    uint32: { values: fc.integer({ min: 0, max: 2 ** 32 - 1 }), write: (view, n) => view.setUint32(0, n) },
    float32: { values: fc.float(), write: (view, n) => view.setFloat32(0, n) },
    float64: { values: fc.double(), write: (view, n) => view.setFloat64(0, n) },
  };

for (const dataType of ["int16", "uint16", "int32", "uint32", "float32", "float64"] as const) {
  Deno.test(`decodeRegisters() gives back every ${dataType} in all four orders`, () => {
    const { values, write } = NUMBERS[dataType] ?? assert.fail();
    fc.assert(fc.property(values, order, order, (value, byteOrder, wordOrder) => {
      const bytes = new Uint8Array(2 * REGISTERS_PER_VALUE[dataType]);
      write(new DataView(bytes.buffer), value);
      const data = storeLikeADevice(bytes, byteOrder, wordOrder);
      assert.equal(decoded(data, 0, formatOf(dataType, { byteOrder, wordOrder })).value, value);
    }));
  });
}

for (const dataType of ["int64", "uint64"] as const) {
  Deno.test(`decodeRegisters() gives back every ${dataType} in all four orders, as text beyond 2^53`, () => {
    const values = dataType === "int64" ? fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) : fc.bigInt(0n, 2n ** 64n - 1n);
    const either = fc.oneof(values, fc.maxSafeInteger().filter((n) => dataType === "int64" || n >= 0).map(BigInt));
    fc.assert(fc.property(either, order, order, (value, byteOrder, wordOrder) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value));
      const data = storeLikeADevice(bytes, byteOrder, wordOrder);
      const found = decoded(data, 0, formatOf(dataType, { byteOrder, wordOrder }));
      const isSafe = Number.isSafeInteger(Number(value));
      assert.deepEqual(found, { raw: Number(value), value: Number(value), text: isSafe ? undefined : `${value}` });
    }));
  });
}

Deno.test("decodeRegisters() scales beside the raw value", () => {
  const format = formatOf("int16", { scale: scaleOf(0.1, 5) });
  assert.deepEqual(decoded(bytesOf("ff fd"), 0, format), { raw: -3, value: 4.7, text: undefined });
});

Deno.test("decodeRegisters() scales the text of an integer beyond 2^53 without rounding", () => {
  const format = formatOf("uint64", { scale: scaleOf(0.1, 0) });
  const { raw, value, text } = decoded(bytesOf("ff ff ff ff ff ff ff ff"), 0, format);
  assert.deepEqual([raw, value, text], [2 ** 64, 1844674407370955161.5, "1844674407370955161.5"]);
});

Deno.test("decodeRegisters() keeps NaN and infinity", () => {
  assert.ok(Number.isNaN(decoded(bytesOf("7f c0 00 00"), 0, formatOf("float32")).value));
  assert.equal(decoded(bytesOf("7f 80 00 00"), 0, formatOf("float32")).value, Infinity);
});

Deno.test("decodeRegisters() gives the digits of a BCD number beyond 2^53 as text", () => {
  const { value, text } = decoded(bytesOf("99 99 99 99 99 99 99 99"), 0, formatOf("bcd64"));
  assert.deepEqual([value, text], [1e16, "9999999999999999"]);
});

const NO_VALUES: readonly [type: DataType, hex: string, noValue: number][] = [
  ["int16", "80 00", -32_768],
  ["uint32", "ff ff ff ff", 0xffff_ffff],
  ["uint64", "ff ff ff ff ff ff ff ff", 0xffff_ffff_ffff_ffff],
  ["int64", "7f ff ff ff ff ff ff ff", 0x7fff_ffff_ffff_ffff],
];

for (const [type, hex, noValue] of NO_VALUES) {
  Deno.test(`decodeRegisters() takes ${hex} for no value where no_value of ${type} is ${noValue}`, () => {
    assert.equal(decodeRegisters(bytesOf(hex), 0, formatOf(type, { noValue, scale: scaleOf(0.1, 0) })), undefined);
    const other = decodeRegisters(bytesOf(hex.replace(/.$/, "1")), 0, formatOf(type, { noValue }));
    assert.equal(other === undefined, type.endsWith("64"), "of 64 bits the nearest doubles count");
  });
}

for (const hex of ["12 3a", "f2 34", "ff ff"]) {
  Deno.test(`decodeRegisters() finds no BCD number in ${hex}`, () => {
    assert.equal(decodeRegisters(bytesOf(hex), 0, formatOf("bcd16")), undefined);
  });
}

for (let bit = 0; bit < 16; bit++) {
  Deno.test(`decodeRegisters() reads bit ${bit} of a register, 0 being the least significant`, () => {
    const set = new DataView(new ArrayBuffer(2));
    set.setUint16(0, 1 << bit);
    const clear = new DataView(new ArrayBuffer(2));
    clear.setUint16(0, 0xffff ^ (1 << bit));
    assert.equal(decoded(set, 0, formatOf("bool", { bit })).value, 1);
    assert.equal(decoded(clear, 0, formatOf("bool", { bit })).value, 0);
  });
}

const FIELDS: readonly [hex: string, bit: number, bitCount: number, value: number][] = [
  ["ab cd", 0, 4, 0xd],
  ["ab cd", 4, 8, 0xbc],
  ["ab cd", 13, 3, 0b101],
  ["ab cd", 0, 16, 0xabcd],
];

for (const [hex, bit, bitCount, value] of FIELDS) {
  Deno.test(`decodeRegisters() reads ${bitCount} bits of ${hex} from bit ${bit} as ${value}`, () => {
    assert.equal(decoded(bytesOf(hex), 0, formatOf("uint16", { bit, bitCount })).value, value);
  });
}

Deno.test("decodeRegisters() counts bits after putting the bytes in order", () => {
  assert.equal(decoded(bytesOf("01 00"), 0, formatOf("bool", { bit: 0, byteOrder: "little" })).value, 1);
});

Deno.test("decodeBit() reads coils least significant first (V1.1b3, 6.1: coils 20 to 38)", () => {
  const data = bytesOf("cd 6b 05");
  const bits = Array.from({ length: 19 }, (_, index) => decodeBit(data, index).value).join("");
  assert.equal(bits, "1011001111010110101");
});
