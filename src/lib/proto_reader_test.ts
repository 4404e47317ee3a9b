import assert from "node:assert/strict";
import fc from "fast-check";
import { ProtoReader } from "./proto_reader.ts";
import { ProtoWriter } from "./proto_writer.ts";

/** A reader on the one field that `write` writes. */
function fieldOf(write: (writer: ProtoWriter) => void): ProtoReader {
  const writer = new ProtoWriter(64);
  write(writer);
  const field = new ProtoReader(writer.finish());
  assert.equal(field.next(), true);
  return field;
}

Deno.test("ProtoReader reads every 64-bit number exactly, signed and unsigned", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
      const field = fieldOf((writer) => writer.int64(15 << 3, number));
      assert.equal(BigInt(field.uint()), number);
      assert.equal(typeof field.uint(), number < 2n ** 53n ? "number" : "bigint");
      assert.equal(field.int64(), BigInt.asIntN(64, number));
      assert.equal(field.int32(), Number(BigInt.asIntN(32, number)));
      assert.equal(field.bool(), number !== 0n);
      assert.equal(field.next(), false);
    }),
    { examples: [[0n], [2n ** 28n], [2n ** 53n - 1n], [2n ** 53n], [2n ** 56n], [2n ** 63n], [2n ** 64n - 1n]] },
  );
});

Deno.test("ProtoReader reads what ProtoWriter writes", () => {
  fc.assert(fc.property(fc.double(), fc.string({ unit: "grapheme" }), fc.integer(), (real, text, whole) => {
    assert.deepEqual(fieldOf((writer) => writer.double((1 << 3) | 1, real)).double(), real);
    assert.equal(fieldOf((writer) => writer.string((2 << 3) | 2, text)).text(), text);
    assert.equal(fieldOf((writer) => writer.int32(3 << 3, whole)).int32(), whole);
  }));
});

Deno.test("ProtoReader reads a length and a number that are padded to ten bytes", () => {
  const padding = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00];
  const field = new ProtoReader(Uint8Array.of(0x0a, 0x81, ...padding, 0x41, 0x10, 0x87, ...padding));
  assert.equal(field.next() && field.text(), "A");
  assert.equal(field.next() && field.uint(), 7);
  assert.equal(field.next(), false);
});

Deno.test("ProtoReader takes 64 bits of a number that has some more", () => {
  const field = new ProtoReader(Uint8Array.of(0x08, ...Array(9).fill(0xff), 0x7f));
  assert.equal(field.next() && field.uint(), 2n ** 64n - 1n);
});

const BROKEN: Readonly<Record<string, readonly number[]>> = {
  "a number that does not end": [0x08, 0x80],
  "a number of more than 64 bits": [0x08, ...Array(10).fill(0xff), 0x01],
  "a key that does not end": [0x88],
  "a key of more than 32 bits": [0x88, 0x80, 0x80, 0x80, 0x10, 0x00],
  "a text longer than its message": [0x0a, 0x05, 0x41],
  "a length of four gigabytes": [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  "a length of which only the lower 32 bits fit": [0x0a, 0x80, 0x80, 0x80, 0x80, 0x10],
  "a length of which only the lower 64 bits fit": [0x0a, ...Array(10).fill(0x80), 0x01],
  "eight bytes that are seven": [0x09, 1, 2, 3, 4, 5, 6, 7],
  "four bytes that are three": [0x0d, 1, 2, 3],
  "field number 0": [0x00, 0x00],
  "a group": [0x0b],
};

class Fault extends Error {}

for (const [name, bytes] of Object.entries(BROKEN)) {
  Deno.test(`ProtoReader refuses ${name}, with the error that it was given`, () => {
    for (
      const [Kind, field] of [
        [Fault, new ProtoReader(Uint8Array.from(bytes), Fault)],
        [RangeError, new ProtoReader(Uint8Array.from(bytes))],
      ] as const
    ) {
      assert.throws(() => {
        while (field.next()) { /* to its end */ }
      }, Kind);
    }
  });
}

Deno.test("ProtoReader refuses a value of another kind than the one asked for, and text that is no UTF-8", () => {
  const field = new ProtoReader(Uint8Array.of(0x0a, 0x01, 0xff), Fault);
  field.next();
  for (const kind of ["uint", "int64", "int32", "bool", "float", "double"] as const) {
    assert.throws(() => field[kind](), /^Error: a field 1 of wire type 2/);
  }
  assert.throws(() => field.text(), /a field 1 that is no UTF-8/);
});

Deno.test("ProtoReader looks at no byte around the message, which may be a part of a larger one", () => {
  const bytes = Uint8Array.of(9, 9, 0x15, 0, 0, 0x80, 0x3f, 0x19, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 9);
  const field = new ProtoReader(bytes.subarray(2, 16));
  assert.equal(field.next() && field.float(), 1);
  assert.equal(field.next() && field.double(), 1);
  assert.equal(field.next(), false);
});
