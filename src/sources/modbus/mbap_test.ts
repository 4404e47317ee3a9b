import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeRead, type Frame, FrameReader, readAnswer } from "./mbap.ts";
import type { ReadRange } from "./pdu.ts";

const HOLDING: ReadRange = { slaveId: 1, registerType: "holding", start: 107, count: 3 };

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

function framesIn(hex: string): Frame[] {
  const reader = new FrameReader();
  const bytes = bytesOf(hex);
  reader.space().set(bytes);
  reader.filled(bytes.length);
  const frames: Frame[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) frames.push(frame);
  return frames;
}

const REQUESTS: readonly [range: ReadRange, hex: string][] = [
  [{ slaveId: 17, registerType: "coil", start: 19, count: 19 }, "00 01 00 00 00 06 11 01 00 13 00 13"],
  [{ slaveId: 17, registerType: "discrete", start: 196, count: 22 }, "00 01 00 00 00 06 11 02 00 c4 00 16"],
  [HOLDING, "00 01 00 00 00 06 01 03 00 6b 00 03"],
  [{ slaveId: 1, registerType: "input", start: 8, count: 1 }, "00 01 00 00 00 06 01 04 00 08 00 01"],
];

for (const [range, hex] of REQUESTS) {
  Deno.test(`encodeRead() asks for ${range.registerType} as the standard's example does`, () => {
    assert.deepEqual(encodeRead(range, 1), bytesOf(hex));
  });
}

Deno.test("readAnswer() takes the registers of the standard's example (V1.1b3, 6.3)", () => {
  const [frame] = framesIn("00 01 00 00 00 09 01 03 06 02 2b 00 00 00 64");
  const answer = readAnswer(frame ?? assert.fail(), HOLDING);
  assert.ok(answer.kind === "data");
  assert.deepEqual([0, 2, 4].map((at) => answer.data.getUint16(at)), [555, 0, 100]);
});

Deno.test("readAnswer() takes an exception", () => {
  const [frame] = framesIn("00 01 00 00 00 03 01 83 02");
  assert.deepEqual(readAnswer(frame ?? assert.fail(), HOLDING), { kind: "exception", code: 2 });
});

const MISFITS: Readonly<Record<string, string>> = {
  "another unit": "00 01 00 00 00 09 02 03 06 02 2b 00 00 00 64",
  "another function": "00 01 00 00 00 09 01 04 06 02 2b 00 00 00 64",
  "another function's exception": "00 01 00 00 00 03 01 84 02",
  "fewer registers": "00 01 00 00 00 07 01 03 04 02 2b 00 00",
  "a byte count that its length denies": "00 01 00 00 00 07 01 03 06 02 2b 00 00",
};

for (const [what, hex] of Object.entries(MISFITS)) {
  Deno.test(`readAnswer() trusts no answer of ${what}`, () => {
    const [frame] = framesIn(hex);
    assert.equal(readAnswer(frame ?? assert.fail(), HOLDING).kind, "mismatch");
  });
}

Deno.test("FrameReader refuses another protocol id, and lengths that no frame has", () => {
  assert.throws(() => framesIn("00 01 00 01 00 03 01 83 02"), /protocol id 1/);
  assert.throws(() => framesIn("00 01 00 00 00 02 01 83"), /length 2/);
  assert.throws(() => framesIn("48 54 00 00 31 2e"), /length 12590/);
});

Deno.test("FrameReader finds the same frames however the bytes are cut", () => {
  const frame = fc.uint8Array({ minLength: 3, maxLength: 254 });
  fc.assert(fc.property(fc.array(frame, { maxLength: 40 }), fc.infiniteStream(fc.integer({ min: 1, max: 600 })), run));

  function run(bodies: Uint8Array[], cuts: Iterator<number>): void {
    const stream = Uint8Array.from(bodies.flatMap((body, id) => [0, id, 0, 0, 0, body.length, ...body]));
    const reader = new FrameReader();
    const found: Frame[] = [];
    for (let at = 0; at < stream.length;) {
      const space = reader.space();
      const piece = stream.subarray(at, at + Math.min(space.length, cuts.next().value));
      space.set(piece);
      reader.filled(piece.length);
      at += piece.length;
      for (let next = reader.next(); next; next = reader.next()) found.push(next);
    }
    const rebuilt = found.map(({ unitId, functionCode, data }) => [
      unitId,
      functionCode,
      ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ]);
    assert.deepEqual(rebuilt, bodies.map((body) => [...body]));
    assert.deepEqual(found.map((each) => each.transactionId), bodies.map((_, id) => id));
  }
});
