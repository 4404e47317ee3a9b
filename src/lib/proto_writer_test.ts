import assert from "node:assert/strict";
import fc from "fast-check";
import protobuf from "protobufjs";
import { ProtoWriter, varintSize } from "./proto_writer.ts";

const REFERENCE = protobuf.parse(`syntax = "proto2"; message M {
  optional bool flag = 1; optional int32 small = 2; optional int64 large = 3; optional double real = 4;
  optional string text = 500; optional bytes blob = 6; }`).root.lookupType("M");

Deno.test("ProtoWriter writes what protobufjs reads back, for every type", () => {
  fc.assert(fc.property(
    fc.boolean(),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc.uint8Array({ maxLength: 5000 }),
    (flag, small, large, real, text, blob) => {
      const writer = new ProtoWriter(16);
      writer.bool(1 << 3, flag);
      writer.int32(2 << 3, small);
      writer.int64(3 << 3, large);
      writer.double((4 << 3) | 1, real);
      writer.string((500 << 3) | 2, text);
      writer.bytes((6 << 3) | 2, blob);
      const read = REFERENCE.toObject(REFERENCE.decode(writer.finish()), { longs: String });
      assert.equal(read.flag, flag);
      assert.equal(read.small, small);
      assert.equal(read.large, large.toString());
      assert.ok(Object.is(read.real, real));
      assert.equal(read.text, text);
      assert.deepEqual(new Uint8Array(read.blob), blob);
    },
  ));
});

Deno.test("ProtoWriter.int64() is exact for numbers up to 2^53 - 1, negative ones included", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => {
    const writer = new ProtoWriter();
    writer.int64(3 << 3, value);
    assert.equal(REFERENCE.toObject(REFERENCE.decode(writer.finish()), { longs: String }).large, value.toString());
  }));
});

Deno.test("ProtoWriter.string() writes U+FFFD for a lone surrogate", () => {
  const writer = new ProtoWriter();
  writer.string((500 << 3) | 2, "a\ud800b");
  assert.equal(REFERENCE.toObject(REFERENCE.decode(writer.finish())).text, "a\ufffdb");
});

Deno.test("ProtoWriter.finish() hands out bytes that later messages do not overwrite", () => {
  const writer = new ProtoWriter();
  writer.bool(8, true);
  const first = writer.finish();
  writer.bool(8, false);
  writer.finish();
  assert.deepEqual(first, Uint8Array.of(8, 1));
});

Deno.test("varintSize() counts seven bits a byte", () => {
  assert.deepEqual([0, 127, 128, 16383, 16384, 2 ** 31, 2 ** 53 - 1].map(varintSize), [1, 1, 2, 2, 3, 5, 8]);
});

Deno.test("ProtoWriter.finish() gives messages that later ones do not change, whatever their lengths", () => {
  const writer = new ProtoWriter(256);
  const lengths = Array.from({ length: 300 }, (_, i) => (i * 37) % 150).toSpliced(100, 0, 1000, 200, 5000);
  const messages = lengths.map((length, i) => {
    writer.raw(new Uint8Array(length).fill(i % 251));
    return writer.finish();
  });
  for (const [i, message] of messages.entries()) {
    assert.deepEqual(message, new Uint8Array(lengths[i] ?? 0).fill(i % 251));
    assert.ok(message.buffer.byteLength <= Math.max(256, message.length), "a small message keeps only a chunk alive");
  }
});

Deno.test("ProtoWriter puts small messages one behind the other in the same memory", () => {
  const writer = new ProtoWriter();
  const [first, second] = [1, 2].map((value) => {
    writer.int32(1 << 3, value);
    return writer.finish();
  });
  assert.equal(first?.buffer, second?.buffer);
  assert.equal(second?.byteOffset, first?.length);
});

Deno.test("ProtoWriter.message() leaves nothing of a message that failed in the next one", () => {
  const writer = new ProtoWriter();
  const failing = () => {
    writer.string(10, "half");
    throw new RangeError("no");
  };
  assert.throws(() => writer.message(failing), /no/);
  assert.deepEqual([...writer.message(() => writer.bool(8, true))], [8, 1]);
});
