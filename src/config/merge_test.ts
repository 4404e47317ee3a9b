import assert from "node:assert/strict";
import { composeState } from "./compose.ts";
import { mergeConfig, mergePatch } from "./merge.ts";

// RFC 7396, appendix A.
for (
  const [target, patch, result] of [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [["a", "b"], ["c", "d"], ["c", "d"]],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ] as const
) {
  Deno.test(`mergePatch() makes ${JSON.stringify(result)} of ${JSON.stringify(target)} by ${JSON.stringify(patch)}`, () => {
    assert.deepEqual(mergePatch(target, patch), result);
  });
}

Deno.test("mergePatch() sets the key __proto__ as any other", () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__":{"x":1}}'));
  assert.equal(Object.getPrototypeOf(merged), Object.prototype);
  assert.equal(({} as { x?: number }).x, undefined);
});

const YAML = {
  gui: { port: 1 },
  sources: [{ name: "a", enabled: true, mqtt: { qos: 1, topics: [1, 2] } }, { name: "b" }],
};

Deno.test("mergeConfig() merges sources by name, adds those that are new, and hides the deleted", () => {
  const { value } = mergeConfig(YAML, {
    sources: [{ name: "c", enabled: false }, { name: "b", deleted: true }, { name: "a", mqtt: { topics: [3] } }],
  });
  assert.deepEqual(value, {
    gui: { port: 1 },
    sources: [
      { name: "a", enabled: true, mqtt: { qos: 1, topics: [3] } },
      { name: "c", enabled: false },
    ],
  });
});

Deno.test("mergeConfig() knows which file a value stands in, and where", () => {
  const merged = mergeConfig(YAML, {
    gui: { port: 2 },
    sources: [{ name: "c" }, { name: "a", mqtt: { topics: [3] } }],
  });
  assert.deepEqual(merged.inPatch(["gui", "port"]), ["gui", "port"]);
  assert.deepEqual(merged.inPatch(["sources", 0, "mqtt", "topics", 0]), ["sources", 1, "mqtt", "topics", 0]);
  assert.equal(merged.inPatch(["sources", 0, "mqtt", "qos"]), undefined);
  assert.equal(merged.inPatch(["sources", 1]), undefined);
  assert.deepEqual(merged.inPatch(["sources", 2, "endpoint"]), ["sources", 0, "endpoint"]);
  assert.deepEqual(merged.inDocument(["sources", 1, "name"]), ["sources", 1, "name"]);
});

Deno.test("composeState() adds one change to another, and null gives back the YAML's value", () => {
  const first = composeState({}, { gui: { port: 2 }, processing: { batch: { max_size: 5 } } }, YAML);
  assert.deepEqual(composeState(first, { processing: { batch: { max_size: null } } }, YAML), { gui: { port: 2 } });
});

Deno.test("composeState() hides a source of the YAML, and removes one of its own", () => {
  const state = composeState({}, { sources: [{ name: "a", deleted: true }, { name: "c", enabled: true }] }, YAML);
  assert.deepEqual(state, { sources: [{ name: "a", deleted: true }, { name: "c", enabled: true }] });
  const without = composeState(state, { sources: [{ name: "c", deleted: true }] }, YAML);
  assert.deepEqual(without, { sources: [{ name: "a", deleted: true }] });
});

Deno.test("composeState() shows a hidden source again as the YAML has it", () => {
  const hidden = { sources: [{ name: "a", deleted: true }] };
  assert.deepEqual(composeState(hidden, { sources: [{ name: "a", deleted: null }] }, YAML), {});
});

Deno.test("composeState() forgets what it changed of a source before it was hidden", () => {
  const state = composeState(
    { sources: [{ name: "a", enabled: false }] },
    { sources: [{ name: "a", deleted: true }] },
    YAML,
  );
  assert.deepEqual(composeState(state, { sources: [{ name: "a", deleted: null }] }, YAML), {});
});
