import assert from "node:assert/strict";
import { freeMemory } from "./free_memory.ts";

Deno.test("Memory that is given back is gone", () => {
  const bytes = new Uint8Array(100_000);
  const other = new Uint8Array(bytes.buffer, 10);
  freeMemory(bytes);
  assert.deepEqual([bytes.length, other.length], [0, 0]);
});

Deno.test("A part of a buffer is left as it is, since others may use the rest", () => {
  const whole = new Uint8Array([1, 2, 3]);
  freeMemory(whole.subarray(1));
  assert.deepEqual([...whole], [1, 2, 3]);
});

Deno.test("Large buffers that are given back do not add up", () => {
  const before = Deno.memoryUsage().external;
  for (let i = 0; i < 400; i++) {
    const bytes = new Uint8Array(1024 * 1024);
    freeMemory(bytes);
    assert.ok(Deno.memoryUsage().external - before < 8 * 1024 * 1024, `after ${i}`);
  }
});
