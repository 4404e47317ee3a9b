import assert from "node:assert/strict";
import { characterMs, silenceMs } from "./timing.ts";

const FORMAT = { baudrate: 9600, bytesize: 8, parity: "E", stopbits: 1 } as const;

Deno.test("characterMs() counts start bit, data, parity and stop bits", () => {
  assert.equal(characterMs({ ...FORMAT, baudrate: 11_000 }), 1);
  assert.equal(characterMs({ ...FORMAT, baudrate: 10_000, parity: "N" }), 1);
  assert.equal(characterMs({ ...FORMAT, baudrate: 11_000, parity: "N", stopbits: 2 }), 1);
  assert.equal(characterMs({ ...FORMAT, baudrate: 10_000, bytesize: 7 }), 1);
});

Deno.test("silenceMs() is 3.5 characters up to 19200 bit/s and 1.75 ms above", () => {
  assert.equal(silenceMs({ ...FORMAT, baudrate: 11_000 }), 3.5);
  assert.ok(Math.abs(silenceMs({ ...FORMAT, baudrate: 19_200 }) - 2.005) < 0.001);
  assert.equal(silenceMs({ ...FORMAT, baudrate: 19_201 }), 1.75);
  assert.equal(silenceMs({ ...FORMAT, baudrate: 115_200 }), 1.75);
});
