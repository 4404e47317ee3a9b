import assert from "node:assert/strict";
import { Heard } from "./heard.ts";
import { rtu } from "./rtu.ts";

/** Unit 5 answers with 64. */
const ANSWER = Uint8Array.fromHex("05030200404874");

Deno.test("Heard keeps the beginning of a frame when it lets go of noise before it", () => {
  const heard = new Heard(rtu);
  heard.add(Uint8Array.of(...new Uint8Array(2047).fill(0x55), ...ANSWER.subarray(0, 4)));
  heard.add(ANSWER.subarray(4));
  assert.deepEqual(heard.takeFrame()?.bytes, ANSWER);
  assert.equal(heard.takeFrame(), undefined);
});

Deno.test("Heard holds no more than a few frames of noise", () => {
  const heard = new Heard(rtu);
  for (let n = 0; n < 100; n++) heard.add(new Uint8Array(1000).fill(0x55));
  assert.ok(heard.restWithout(new Uint8Array()).rest.length <= 4096);
});

Deno.test("Heard holds no more than a few frames of the noise between frames, and takes each of them", () => {
  const heard = new Heard(rtu);
  const burst = Uint8Array.of(...new Uint8Array(40).fill(0x55), ...ANSWER);
  let frames = 0;
  for (let n = 0; n < 1000; n++) {
    heard.add(Uint8Array.of(...burst, ...burst));
    while (heard.takeFrame()) frames++;
  }
  assert.equal(frames, 2000);
  assert.ok(heard.restWithout(new Uint8Array()).rest.length <= 4096);
});

Deno.test("Heard takes the echo of a request out of the rest, wherever it lies", () => {
  const heard = new Heard(rtu);
  heard.add(Uint8Array.of(0x55, 1, 2, 3, 0x66));
  assert.deepEqual(heard.restWithout(Uint8Array.of(1, 2, 3)), { rest: Uint8Array.of(0x55, 0x66), hasEcho: true });
  assert.deepEqual(heard.restWithout(Uint8Array.of(1, 3)).hasEcho, false);
});
