import assert from "node:assert/strict";
import fc from "fast-check";
import { type FormNode, type JsonObject, nodeOf } from "./form_model.ts";
import {
  beginning,
  changedPaths,
  isEqual,
  isObject,
  patchBetween,
  pruned,
  variantFor,
  withMember,
} from "./form_value.ts";

const SOURCE = nodeOf({
  type: "object",
  required: ["name"],
  properties: {
    name: { type: "string" },
    enabled: { type: "boolean", default: true },
    table: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
    rate: { type: "object", default: {}, properties: { most: { type: "number", default: 5 } } },
    nodes: {
      type: "array",
      default: [],
      items: { type: "object", properties: { id: { type: "string" }, every: { type: "number", default: 1000 } } },
    },
  },
}) as FormNode; // an object with known members

Deno.test("pruned() leaves what a person would have written", () => {
  const whole = {
    name: "a",
    enabled: true,
    table: null,
    rate: { most: 5 },
    nodes: [{ id: "x", every: 1000 }, { id: "y", every: 5 }],
  };
  assert.deepEqual(pruned(whole, SOURCE), { name: "a", nodes: [{ id: "x" }, { id: "y", every: 5 }] });
});

Deno.test("pruned() keeps what differs from the default", () => {
  const wanted = { name: "a", enabled: false, rate: { most: 6 } };
  assert.deepEqual(pruned({ ...wanted, table: null, nodes: [] }, SOURCE), wanted);
});

Deno.test("withMember() takes a member away that is not set", () => {
  assert.deepEqual(withMember({ a: 1, b: 2 }, "a", undefined), { b: 2 });
  assert.deepEqual(withMember(undefined, "a", 1), { a: 1 });
});

Deno.test("variantFor() finds the shape by its mark, and beginning() makes one", () => {
  const having = (key: string) => ({ type: "object", required: [key], properties: { [key]: { type: "string" } } });
  const node = nodeOf({ anyOf: [having("node_id"), having("browse_path")] });
  assert.ok(node?.kind === "variants");
  for (const variant of node.variants) assert.equal(variantFor(node.variants, beginning(variant)), variant);
  assert.equal(variantFor(node.variants, undefined), node.variants[0]);
});

const PATCHES: readonly [name: string, before: JsonObject, after: JsonObject, patch: JsonObject][] = [
  ["nothing", { a: { b: 1 } }, { a: { b: 1 } }, {}],
  ["a new member", {}, { a: 1 }, { a: 1 }],
  ["a member that is gone", { a: 1, b: 2 }, { b: 2 }, { a: null }],
  ["a change deep inside", { a: { b: 1, c: 2 } }, { a: { b: 3, c: 2 } }, { a: { b: 3 } }],
  ["a list, as a whole", { a: [1, 2] }, { a: [1] }, { a: [1] }],
];

for (const [name, before, after, patch] of PATCHES) {
  Deno.test(`patchBetween() says ${name}`, () => assert.deepEqual(patchBetween(before, after), patch));
}

Deno.test("patchBetween() leads from any object to any other", () => {
  const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()));
  const tree = fc.letrec((tie) => ({
    object: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.oneof({ maxDepth: 2 }, leaf, tie("object")), {
      maxKeys: 3,
    }),
  })).object as fc.Arbitrary<JsonObject>; // made of these leaves
  fc.assert(fc.property(tree, tree, (before, after) => {
    assert.ok(isEqual(merged(before, patchBetween(before, after)), after));
  }));
});

/** RFC 7396, 2. */
function merged(target: JsonObject, patch: JsonObject): JsonObject {
  return Object.entries(patch).reduce((result: JsonObject, [key, value]) => {
    const old = result[key];
    const now = isObject(value) ? merged(isObject(old) ? old : {}, value) : value;
    return withMember(result, key, now === null ? undefined : now);
  }, target);
}

Deno.test("changedPaths() names what differs, a list as one value", () => {
  const before = { gui: { port: 8080, tls: { enabled: false } }, hosts: ["a"] };
  assert.deepEqual(changedPaths(before, before), []);
  assert.deepEqual(changedPaths(before, { gui: { port: 8080, tls: { enabled: true } }, hosts: ["a", "b"] }), [
    "gui.tls.enabled",
    "hosts",
  ]);
  assert.deepEqual(changedPaths({}, { gui: { port: 1 } }), ["gui.port"]);
  assert.deepEqual(changedPaths({ kind: { a: 1 } }, { kind: "text" }), ["kind"]);
});
