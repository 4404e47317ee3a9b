import assert from "node:assert/strict";
import type { BrowseNode } from "./sources.ts";
import { rowsOf } from "./tree.ts";

function node(id: string): BrowseNode {
  return { id, name: id, kind: "object", has_children: true };
}

function shown(children: Record<string, BrowseNode[]>, open: string[]): string[] {
  const states = new Map(open.map((id) => [id, "open"] as const));
  return rowsOf(new Map(Object.entries(children)), states).map(({ node: { id }, depth }) => "-".repeat(depth) + id);
}

Deno.test("rowsOf() shows what lies under open nodes alone", () => {
  const children = { "": [node("a"), node("b")], a: [node("c")], b: [node("d")] };
  assert.deepEqual(shown(children, ["a"]), ["a", "-c", "b"]);
});

Deno.test("rowsOf() ends where a node lies under itself", () => {
  const children = { "": [node("a")], a: [node("b")], b: [node("a")] };
  assert.deepEqual(shown(children, ["a", "b"]), ["a", "-b", "--a"]);
});
