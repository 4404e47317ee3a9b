import assert from "node:assert/strict";
import { FakeSourceMemory } from "../../tests/fakes/source_memory.ts";
import { MarkedMemory } from "./marked_memory.ts";

Deno.test("MarkedMemory keeps one value for each mark, and forgets one", () => {
  const memory = new FakeSourceMemory();
  const marked = new MarkedMemory(memory, "parts");
  marked.keep("a", [1]);
  marked.keep("b", [2]);
  assert.deepEqual([marked.recall("a"), marked.recall("b"), marked.recall("constructor")], [[1], [2], undefined]);
  marked.keep("a", undefined);
  assert.deepEqual(memory.recall("parts"), { b: [2] });
  marked.keep("b", undefined);
  assert.equal(memory.recall("parts"), undefined);
});

Deno.test("MarkedMemory keeps the newest eight, and takes what is kept again for new", () => {
  const marked = new MarkedMemory(new FakeSourceMemory(), "parts");
  for (let i = 0; i < 8; i++) marked.keep(`m${i}`, i);
  marked.keep("m0", 0);
  marked.keep("m8", 8);
  assert.deepEqual([0, 1, 2, 8].map((i) => marked.recall(`m${i}`)), [0, undefined, 2, 8]);
});

Deno.test("MarkedMemory finds nothing in a file that holds something else, and where nothing is kept", () => {
  for (const value of ["text", 7, null, undefined, []]) {
    const memory = new FakeSourceMemory();
    memory.keep("parts", value);
    assert.equal(new MarkedMemory(memory, "parts").recall("a"), undefined);
  }
  const none = new MarkedMemory(undefined, "parts");
  none.keep("a", 1);
  assert.equal(none.recall("a"), undefined);
});
