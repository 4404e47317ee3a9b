import assert from "node:assert/strict";
import fc from "fast-check";
import { FrameReader, MalformedPacket } from "./frame_reader.ts";

const LIMITS = { maxBytes: 1000, keptBytes: 100 };

/** A packet of type 3 with a body of `length` bytes. */
function packet(length: number): Uint8Array {
  const header = [0x30];
  for (let rest = length;; rest = Math.floor(rest / 128)) {
    header.push(rest > 127 ? (rest % 128) | 0x80 : rest);
    if (rest <= 127) break;
  }
  return Uint8Array.from([...header, ...Array.from({ length }, (_, i) => i % 251)]);
}

interface Seen {
  readonly bytes: number[];
  readonly bodyBytes: number;
  readonly skipped: number;
}

function read(chunks: Iterable<Uint8Array>): Seen[] {
  const seen: Seen[] = [];
  const reader = new FrameReader(LIMITS, (bytes, { start, body, end, skipped }) => {
    seen.push({ bytes: [...bytes.subarray(start, end)], bodyBytes: end - body, skipped });
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

Deno.test("FrameReader cuts the same packets however the stream is chunked", () => {
  const packets = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 });
  const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 40 });
  fc.assert(fc.property(packets, cuts, (lengths, sizes) => {
    const stream = Uint8Array.from(lengths.flatMap((length) => [...packet(length)]));
    const chunks: Uint8Array[] = [];
    for (let at = 0, i = 0; at < stream.length; at += sizes[i++ % sizes.length] ?? 1) {
      chunks.push(stream.subarray(at, at + (sizes[i % sizes.length] ?? 1)));
    }
    assert.deepEqual(read(chunks), read([stream]));
    assert.deepEqual(read([stream]).map(({ bodyBytes }) => bodyBytes), lengths);
  }));
});

Deno.test("FrameReader keeps the first part of a packet over the limit, and goes on with the next", () => {
  const [long, next] = read([packet(5000), packet(3)]);
  assert.equal(long?.bytes.length, 100);
  assert.equal((long?.bytes.length ?? 0) + (long?.skipped ?? 0), packet(5000).length);
  assert.deepEqual(next, { bytes: [...packet(3)], bodyBytes: 3, skipped: 0 });
});

Deno.test("FrameReader refuses a length of five bytes", () => {
  assert.throws(() => read([Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 1)]), MalformedPacket);
});
