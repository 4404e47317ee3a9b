import assert from "node:assert/strict";
import { type Level, type Opened, ROOT, type TreeNode, treeRows, type TreeView } from "./browse_tree.ts";

function folder(id: string): TreeNode {
  return { id, name: id.toUpperCase(), kind: "folder" };
}

function view(change: Partial<TreeView> = {}): TreeView {
  const levels = new Map<string, Level>([
    [ROOT, { nodes: [folder("a"), folder("b")], next: null }],
    ["a", { nodes: [{ id: "a1", name: "Speed", kind: "variable", data_type: "Double" }, folder("a2")], next: "500" }],
    ["a2", {
      nodes: [{ id: "deep", name: "Depth", kind: "variable", facts: { description: "of the Well" } }],
      next: null,
    }],
  ]);
  const states = new Map<string, Opened>([["a", "open"], ["a2", "open"]]);
  return { levels, states, search: "", coverOf: () => "none", ...change };
}

function shown(given: TreeView): string[] {
  return treeRows(given).map((row) => `${row.depth} ${row.kind === "node" ? row.node.id : `more of ${row.name}`}`);
}

Deno.test("treeRows() shows open levels below their nodes, and that a level has more", () => {
  assert.deepEqual(shown(view()), ["0 a", "1 a1", "1 a2", "2 deep", "1 more of A", "0 b"]);
  assert.deepEqual(shown(view({ states: new Map() })), ["0 a", "0 b"]);
});

Deno.test("treeRows() finds by name, id, type and description, with what the node lies under", () => {
  assert.deepEqual(shown(view({ search: " spEED" })), ["0 a", "1 a1"]);
  assert.deepEqual(shown(view({ search: "well" })), ["0 a", "1 a2", "2 deep"]);
  assert.deepEqual(shown(view({ search: "double" })), ["0 a", "1 a1"]);
  assert.deepEqual(shown(view({ search: "nothing" })), []);
});

Deno.test("treeRows() finds in what was loaded and closed again, and shows what it lies under as open", () => {
  const closed = view({ search: "well", states: new Map([["a", "closed"]]) });
  assert.deepEqual(shown(closed), ["0 a", "1 a2", "2 deep"]);
  assert.deepEqual(treeRows(closed).map((row) => row.kind === "node" && row.state), ["open", "open", "closed"]);
});

Deno.test("treeRows() walks no node below itself", () => {
  const levels = new Map<string, Level>([
    [ROOT, { nodes: [folder("a")], next: null }],
    ["a", { nodes: [folder("b")], next: null }],
    ["b", { nodes: [folder("a")], next: null }],
  ]);
  const states = new Map<string, Opened>([["a", "open"], ["b", "open"]]);
  const rows = treeRows(view({ levels, states }));
  assert.deepEqual(rows.map(({ depth }) => depth), [0, 1, 2]);
  assert.equal(new Set(rows.map(({ key }) => key)).size, 3);
});

Deno.test("treeRows() tells what an object above reads, and which names lead to a node", () => {
  const covered = (cover: "variables" | "all") =>
    treeRows(view({ coverOf: ({ id }) => id === "a" ? cover : "none" })).flatMap((row) =>
      row.kind === "node" && row.isCovered ? [row.names.join("/")] : []
    );
  assert.deepEqual(covered("variables"), ["A/Speed"]);
  assert.deepEqual(covered("all"), ["A/Speed", "A/A2", "A/A2/Depth"]);
});

Deno.test("treeRows() makes rows of 50,000 nodes", () => {
  const nodes = Array.from(
    { length: 50_000 },
    (_, i): TreeNode => ({ id: `n${i}`, name: `Tag ${i}`, kind: "variable" }),
  );
  const levels = new Map<string, Level>([[ROOT, { nodes: [folder("a")], next: null }], ["a", { nodes, next: null }]]);
  const large = view({ levels, states: new Map([["a", "open"]]) });
  assert.equal(treeRows({ ...large, search: "Tag 4999" }).length, 12);
  assert.equal(treeRows(large).length, 50_001);
});
