/** Which nodes of an OPC UA server a form lists, and ticking others. */
import type { TreeNode } from "./browse_tree.ts";
import type { Json, JsonObject } from "./form_model.ts";
import { isObject } from "./form_value.ts";

/** A name may have as many characters (nodes[].name). */
const MAX_NAME = 256;

export interface Chosen {
  /** Node ids as they are written in the list. */
  readonly ids: ReadonlySet<string>;
  /** Paths of objects of which all below is read. */
  readonly whole: ReadonlySet<string>;
  /** Paths of objects of which the variables right below are read. */
  readonly flat: ReadonlySet<string>;
  /** Paths of objects of which something is left out. */
  readonly partly: ReadonlySet<string>;
}

export function chosenIn(list: readonly Json[]): Chosen {
  const ids = new Set<string>();
  const [whole, flat, partly] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const entry of list) {
    if (!isObject(entry)) continue;
    if (typeof entry.node_id === "string") ids.add(entry.node_id);
    if (typeof entry.browse_path !== "string") continue;
    const isPart = entry.exclude !== undefined || (entry.include ?? "*") !== "*" || typeof entry.depth === "number";
    (isPart ? partly : entry.recursive === true ? whole : flat).add(plainPath(entry.browse_path));
  }
  return { ids, whole, flat, partly };
}

/** A path may be written with or without the Root that it begins at. */
function plainPath(path: string): string {
  return path.replace(/^\/+/, "").replace(/^(0:)?Root\/(?=.)/, "");
}

function pathOf({ configure }: TreeNode): string | undefined {
  const path = configure?.entry.browse_path;
  return typeof path === "string" ? plainPath(path) : undefined;
}

/** The ids that a node goes by. */
function idsOf({ id, facts = {} }: TreeNode): readonly string[] {
  return typeof facts.numbered_id === "string" ? [id, facts.numbered_id] : [id];
}

export function isChosen(node: TreeNode, { ids, whole, flat, partly }: Chosen): boolean {
  const path = pathOf(node);
  if (path !== undefined) return whole.has(path) || flat.has(path) || partly.has(path);
  return idsOf(node).some((id) => ids.has(id));
}

/** What an entry for this object reads, as far as it is sure. */
export function coverOf(node: TreeNode, { whole, flat }: Chosen): "none" | "variables" | "all" {
  const path = pathOf(node);
  if (path === undefined) return "none";
  return whole.has(path) ? "all" : flat.has(path) ? "variables" : "none";
}

/** A node, and the names from the first level down to it. */
export interface Ticked {
  readonly node: TreeNode;
  readonly names: readonly string[];
}

/** The list with these too, each variable with a name that no other tag has. */
export function withNodes(list: readonly Json[], ticked: readonly Ticked[]): readonly Json[] {
  const { ids, whole, flat, partly } = chosenIn(list);
  const chosen = { ids: new Set(ids), whole: new Set(whole), flat, partly };
  const taken = new Set(list.flatMap((entry) => isObject(entry) ? [String(entry.name ?? entry.node_id ?? "")] : []));
  const added = ticked.flatMap(({ node, names }): JsonObject[] => {
    if (!node.configure || isChosen(node, chosen)) return [];
    const path = pathOf(node);
    if (path !== undefined) {
      chosen.whole.add(path); // a server may show it under several objects
      return [node.configure.entry];
    }
    for (const id of idsOf(node)) chosen.ids.add(id);
    const name = freeName(names, taken);
    taken.add(name);
    return [{ ...node.configure.entry, name }];
  });
  return [...list, ...added];
}

/** The list without the entries that read this node by itself. */
export function withoutNode(list: readonly Json[], node: TreeNode): readonly Json[] {
  const path = pathOf(node);
  const ids = idsOf(node);
  return list.filter((entry) => {
    if (!isObject(entry)) return true;
    if (path !== undefined) return typeof entry.browse_path !== "string" || plainPath(entry.browse_path) !== path;
    return typeof entry.node_id !== "string" || !ids.includes(entry.node_id);
  });
}

/** The node's own name; where another has it, with those above it before; at last with a number. */
function freeName(names: readonly string[], taken: ReadonlySet<string>): string {
  const wanted = names.map((_, i) => names.slice(-1 - i).join(".").trim().slice(-MAX_NAME)).filter(Boolean);
  const free = wanted.find((name) => !taken.has(name));
  if (free !== undefined) return free;
  const longest = (wanted.at(-1) ?? "node").slice(0, MAX_NAME - 8);
  let number = 2;
  while (taken.has(`${longest}_${number}`)) number++;
  return `${longest}_${number}`;
}
