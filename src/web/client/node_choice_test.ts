import assert from "node:assert/strict";
import { chosenIn, coverOf, isChosen, withNodes, withoutNode } from "./node_choice.ts";
import type { TreeNode } from "./browse_tree.ts";
import type { Json } from "./form_model.ts";

function variable(id: string, name = "Speed"): TreeNode {
  return {
    id: `nsu=urn:plant;s=${id}`,
    name,
    kind: "variable",
    facts: { numbered_id: `ns=2;s=${id}` },
    configure: { list: "nodes", entry: { node_id: `nsu=urn:plant;s=${id}` } },
  };
}

const LINE: TreeNode = {
  id: "nsu=urn:plant;s=Line",
  name: "Line",
  kind: "folder",
  configure: { list: "nodes", entry: { browse_path: "0:Root/0:Objects/2:Line", recursive: true } },
};

Deno.test("withNodes() gives each tag a name of its own, by what the node lies under, then by a number", () => {
  const ticked = [["a", ["Line 1", "Speed"]], ["b", ["Line 2", "Speed"]], ["c", ["Line 2", "Speed"]]] as const;
  const list = withNodes([], ticked.map(([id, names]) => ({ node: variable(id), names })));
  assert.deepEqual(list, [
    { node_id: "nsu=urn:plant;s=a", name: "Speed" },
    { node_id: "nsu=urn:plant;s=b", name: "Line 2.Speed" },
    { node_id: "nsu=urn:plant;s=c", name: "Line 2.Speed_2" },
  ]);
  const [long] = withNodes([], [{ node: variable("d"), names: ["x".repeat(400)] }]);
  assert.equal((long as { name: string }).name.length, 256);
});

Deno.test("withNodes() adds nothing that is listed already, however it is written", () => {
  const list: Json[] = [{ node_id: "ns=2;s=a" }, { browse_path: "/0:Objects/2:Line", recursive: true }];
  assert.deepEqual(withNodes(list, [{ node: variable("a"), names: ["Speed"] }, { node: LINE, names: ["Line"] }]), list);
  assert.deepEqual(withNodes([], [{ node: LINE, names: ["Line"] }]), [LINE.configure?.entry]);
  assert.deepEqual(withNodes([], [{ node: { id: "i=1", name: "x", kind: "folder" }, names: ["x"] }]), []);
});

Deno.test("withNodes() adds a node once that was ticked under two objects, and an object too", () => {
  const twice = ["Line", "Alias"].map((above) => ({ node: variable("a"), names: [above, "Speed"] }));
  assert.deepEqual(withNodes([], twice), [{ node_id: "nsu=urn:plant;s=a", name: "Speed" }]);
  const objects = ["Hall", "Alias"].map((above) => ({ node: LINE, names: [above, "Line"] }));
  assert.deepEqual(withNodes([], objects), [LINE.configure?.entry]);
});

Deno.test("withoutNode() takes away what reads the node by itself, and nothing else", () => {
  const list: Json[] = [{ node_id: "ns=2;s=a", name: "kept?" }, { browse_path: "0:Root/0:Objects/2:Line" }, {
    node_id: "i=1",
  }];
  assert.deepEqual(withoutNode(list, variable("a")), list.slice(1));
  assert.deepEqual(withoutNode(list, LINE), [list[0], list[2]]);
});

Deno.test("coverOf() is sure of objects of which nothing is left out", () => {
  const cover = (entry: Record<string, string | number | boolean>) => {
    const chosen = chosenIn([{ browse_path: "0:Root/0:Objects/2:Line", ...entry }]);
    return [isChosen(LINE, chosen), coverOf(LINE, chosen)];
  };
  assert.deepEqual(cover({ recursive: true }), [true, "all"]);
  assert.deepEqual(cover({}), [true, "variables"]);
  assert.deepEqual(cover({ recursive: true, include: "Temp*" }), [true, "none"]);
  assert.deepEqual(coverOf(LINE, chosenIn([])), "none");
});
