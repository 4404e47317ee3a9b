import assert from "node:assert/strict";
import fc from "fast-check";
import { ProtoWriter } from "../../../lib/proto_writer.ts";
import { MalformedPayload, WireFields } from "./wire.ts";

Deno.test("WireFields reads every 64-bit number exactly", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (number) => {
      const writer = new ProtoWriter(64);
      writer.int64(15 << 3, number);
      const field = new WireFields(writer.finish());
      assert.equal(field.next(), true);
      assert.equal(BigInt(field.uint()), number);
      assert.equal(typeof field.uint(), number < 2n ** 53n ? "number" : "bigint");
      assert.equal(field.next(), false);
    }),
    { examples: [[2n ** 53n - 1n], [2n ** 53n], [2n ** 64n - 1n]] },
  );
});

const BROKEN: Readonly<Record<string, readonly number[]>> = {
  "a number that does not end": [0x08, 0x80],
  "a number of more than 64 bits": [0x08, ...Array(10).fill(0xff), 0x01],
  "a text longer than its message": [0x0a, 0x05, 0x41],
  "a length of four gigabytes": [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  "a length of which only the lower 32 bits fit": [0x0a, 0x80, 0x80, 0x80, 0x80, 0x10],
  "eight bytes that are seven": [0x09, 1, 2, 3, 4, 5, 6, 7],
  "field number 0": [0x00, 0x00],
  "a group": [0x0b],
};

for (const [name, bytes] of Object.entries(BROKEN)) {
  Deno.test(`WireFields refuses ${name}`, () => {
    const field = new WireFields(Uint8Array.from(bytes));
    assert.throws(() => {
      while (field.next()) { /* to its end */ }
    }, MalformedPayload);
  });
}

Deno.test("WireFields refuses a value of another kind than the one asked for, and text that is no UTF-8", () => {
  const field = new WireFields(Uint8Array.of(0x0a, 0x01, 0xff));
  field.next();
  assert.throws(() => field.uint(), MalformedPayload);
  assert.throws(() => field.double(), MalformedPayload);
  assert.throws(() => field.text(), /is no UTF-8/);
});
