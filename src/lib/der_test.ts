import assert from "node:assert/strict";
import { numberOf, octetsOf, oidOf, partsOf, readDer } from "./der.ts";

Deno.test("readDer() reads lengths of each form, and values in parts", () => {
  const long = readDer(Uint8Array.of(0x04, 0x81, 0x80, ...new Uint8Array(128).fill(7)));
  assert.equal(long.content.length, 128);
  // 30 80: of indefinite length; 24 80: a string of octets in two parts (X.690, 8.7.3.2)
  const open = readDer(Uint8Array.of(0x30, 0x80, 0x24, 0x80, 0x04, 1, 1, 0x04, 2, 2, 3, 0, 0, 0x02, 1, 5, 0, 0, 99));
  const [octets, number] = partsOf(open);
  assert.deepEqual([...octetsOf(octets!)], [1, 2, 3]);
  assert.equal(numberOf(number!), 5);
});

Deno.test("readDer() refuses what is cut off, nested without end, or longer than it is", () => {
  for (const bytes of [[], [0x30], [0x30, 5, 1], [0x30, 0x85, 1, 1, 1, 1, 1], [0x30, 0x80, 0x04, 1]]) {
    assert.throws(() => readDer(Uint8Array.from(bytes)), /its structure cannot be read/);
  }
  const nested = Uint8Array.from({ length: 4000 }, (_, i) => i % 2 === 0 ? 0x30 : 0x80);
  assert.throws(() => readDer(nested), /its structure cannot be read/);
  let strings = Uint8Array.of(0x04, 0);
  for (let i = 0; i < 60; i++) strings = Uint8Array.of(0x24, 0x81, strings.length, ...strings);
  assert.throws(() => octetsOf(readDer(strings)), /nested too deep/);
});

Deno.test("oidOf() writes identifiers as standards do", () => {
  assert.equal(
    oidOf(readDer(Uint8Array.of(0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1))),
    "1.2.840.113549.1.7.1",
  );
  assert.equal(oidOf(readDer(Uint8Array.of(0x06, 3, 0x55, 0x1d, 0x0f))), "2.5.29.15");
});
