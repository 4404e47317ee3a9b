import assert from "node:assert/strict";
import fc from "fast-check";
import { FrameDecoder, WebSocketFault } from "./frame_decoder.ts";

interface Heard {
  readonly data: number[];
  readonly pings: number[][];
  readonly closes: number[];
}

/** What comes out when these chunks are pushed. */
function decode(...chunks: readonly Uint8Array[]): Heard {
  const heard: Heard = { data: [], pings: [], closes: [] };
  const decoder = new FrameDecoder({
    onData: (bytes) => void heard.data.push(...bytes),
    onPing: (payload) => void heard.pings.push([...payload]),
    onClose: (code) => void heard.closes.push(code),
  });
  for (const chunk of chunks) decoder.push(chunk);
  return heard;
}

/** A frame as a server sends it, its length written in the shortest way. */
function serverFrame(first: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const size = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 255]
    : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  return Uint8Array.of(first, ...size, ...payload);
}

Deno.test("FrameDecoder gives the bytes of binary frames of every length, however the chunks are cut", () => {
  const sizes = [0, 1, 125, 126, 65_535, 65_536];
  for (const size of sizes) {
    const payload = Uint8Array.from({ length: size }, (_, i) => i % 251);
    const bytes = serverFrame(0x82, payload);
    for (const cut of [1, 2, 3, 5, 9, 10, 11, bytes.length]) {
      assert.deepEqual(decode(bytes.subarray(0, cut), bytes.subarray(cut)).data, [...payload], `${size} cut at ${cut}`);
    }
  }
});

Deno.test("FrameDecoder gives the same whatever the chunks are", () => {
  const frame = fc.tuple(fc.constantFrom(0x02, 0x82, 0x80, 0x89, 0x8a), fc.uint8Array({ maxLength: 125 }));
  fc.assert(fc.property(fc.array(frame), fc.array(fc.nat(40)), (frames, cuts) => {
    const bytes = Uint8Array.of(...frames.flatMap(([first, payload]) => [...serverFrame(first, payload)]));
    const chunks: Uint8Array[] = [];
    let at = 0;
    for (const cut of cuts) chunks.push(bytes.subarray(at, at += cut));
    chunks.push(bytes.subarray(at));
    assert.deepEqual(decode(...chunks), decode(bytes));
    const data = frames.filter(([first]) => (first & 15) < 8).flatMap(([, payload]) => [...payload]);
    assert.deepEqual(decode(bytes).data, data);
  }));
});

Deno.test("FrameDecoder tells pings, also between the pieces of a message, and why the server closes", () => {
  const frames = [
    serverFrame(0x02, Uint8Array.of(1)),
    serverFrame(0x89, Uint8Array.of(7, 8)),
    serverFrame(0x80, Uint8Array.of(2)),
    serverFrame(0x88, Uint8Array.of(1002 >> 8, 1002 & 255)),
    serverFrame(0x88, new Uint8Array(0)),
  ];
  assert.deepEqual(decode(...frames), { data: [1, 2], pings: [[7, 8]], closes: [1002, 1005] });
});

const FAULTS: Readonly<Record<string, readonly [number[], RegExp]>> = {
  "text": [[0x81, 0], /text, and MQTT is binary/],
  "a masked frame": [[0x82, 0x80], /masked/],
  "an extension": [[0xc2, 0], /extension/],
  "a type that there is not": [[0x83, 0], /type 3/],
  "a ping in pieces": [[0x09, 0], /in pieces/],
  "a ping that is too long": [[0x89, 126, 0, 126], /too long/],
  "a length above 2^53": [[0x82, 127, 255, 0, 0, 0, 0, 0, 0, 0], /2\^53/],
};

for (const [name, [bytes, says]] of Object.entries(FAULTS)) {
  Deno.test(`FrameDecoder refuses ${name}`, () => {
    assert.throws(
      () => decode(Uint8Array.from(bytes)),
      (error) => error instanceof WebSocketFault && says.test(error.message),
    );
  });
}
