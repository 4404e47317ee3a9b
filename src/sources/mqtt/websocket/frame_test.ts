import assert from "node:assert/strict";
import { FRAME, frameOf } from "./frame.ts";

Deno.test("frameOf() writes the masked frame that RFC 6455, 5.7 shows", () => {
  const mask = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
  const frame = frameOf(0x81, new TextEncoder().encode("Hello"), mask);
  assert.deepEqual([...frame], [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
});

Deno.test("frameOf() writes lengths of two and of eight bytes", () => {
  const noMask = new Uint8Array(4);
  assert.deepEqual([...frameOf(FRAME.binary, new Uint8Array(126), noMask).subarray(0, 4)], [0x82, 0xfe, 0, 126]);
  const long = frameOf(FRAME.binary, new Uint8Array(65_536).fill(9), noMask);
  assert.deepEqual([...long.subarray(0, 10)], [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]);
  assert.deepEqual([long.length, long.at(-1)], [65_550, 9]);
});
