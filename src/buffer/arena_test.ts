import assert from "node:assert/strict";
import { Arena, type Chunk } from "./arena.ts";

/** Fills chunks with users of `bytes` each until `count` are full; the user of each. */
function fill(arena: Arena, count: number, bytes = 100_000): Chunk[] {
  return Array.from({ length: count }, () => {
    const chunk = arena.enter(bytes);
    chunk.end += bytes;
    return chunk;
  });
}

Deno.test("Arena uses a full chunk again once its last user has left it, and not before", () => {
  const arena = new Arena({ isReused: true });
  const [first, second] = fill(arena, 2); // both in one chunk, which then has no room for a third
  assert.ok(first && first === second);
  const [third] = fill(arena, 2);
  assert.notEqual(third?.bytes, first.bytes);
  arena.leave(first);
  assert.notEqual(fill(arena, 2)[0]?.bytes, first.bytes);
  arena.leave(first);
  const again = fill(arena, 1)[0];
  assert.equal(again?.bytes, first.bytes);
  assert.equal(again?.end, 100_000);
});

Deno.test("Arena goes on filling a chunk that everybody has left", () => {
  const arena = new Arena({ isReused: true });
  const [chunk] = fill(arena, 1);
  assert.ok(chunk);
  arena.leave(chunk);
  assert.equal(arena.enter(100_000), chunk);
});

Deno.test("Arena gives memory of its own to what is larger than a chunk, and does not keep it", () => {
  const arena = new Arena({ isReused: true });
  const [large] = fill(arena, 1, 1_000_000);
  assert.equal(large?.bytes.length, 1_000_000);
  const [next] = fill(arena, 1);
  arena.leave(large);
  assert.ok(fill(arena, 9).every((chunk) => chunk.bytes !== large.bytes));
  assert.notEqual(next?.bytes, large.bytes);
});

Deno.test("Arena uses nothing again where others may still look at it", () => {
  const arena = new Arena({ isReused: false });
  const [first] = fill(arena, 2);
  assert.ok(first);
  arena.leave(first);
  arena.leave(first);
  assert.ok(fill(arena, 9).every((chunk) => chunk.bytes !== first.bytes));
});

Deno.test("Arena gives back the memory of what it does not keep, unless others may still look at it", () => {
  for (const isReused of [true, false]) {
    const arena = new Arena({ isReused });
    const [large] = fill(arena, 1, 1_000_000);
    assert.ok(large);
    fill(arena, 1);
    arena.leave(large);
    assert.equal(large.bytes.length, isReused ? 0 : 1_000_000);
  }
});
