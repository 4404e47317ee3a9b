import assert from "node:assert/strict";
import { BytePool } from "./byte_pool.ts";

Deno.test("BytePool.copy() gives pieces that neither the source nor later pieces change", () => {
  const pool = new BytePool();
  const source = new Uint8Array(10_000);
  const pieces = Array.from({ length: 2000 }, (_, i) => {
    source.fill(i % 251);
    return pool.copy(source, i % 400);
  });
  source.fill(255);
  for (const [i, piece] of pieces.entries()) assert.deepEqual(piece, new Uint8Array(i % 400).fill(i % 251));
});

Deno.test("BytePool.copy() gives large pieces memory of their own, small ones share it", () => {
  const pool = new BytePool();
  const source = new Uint8Array(100_000);
  assert.equal(pool.copy(source, 100_000).buffer.byteLength, 100_000);
  assert.equal(pool.copy(source, 10).buffer, pool.copy(source, 20).buffer);
});
