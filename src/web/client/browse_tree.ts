/** A device's tree, of which levels are known page by page, as rows to show. */
import type { JsonObject } from "./form_model.ts";

export interface TreeNode {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly data_type?: string;
  readonly sample?: { readonly value: string; readonly status?: string };
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  readonly configure?: { readonly list: string; readonly entry: JsonObject };
}

/** What is known of what lies under a node. */
export interface Level {
  readonly nodes: readonly TreeNode[];
  /** Where the next page begins; null: these are all. */
  readonly next: string | null;
}

export type Opened = "closed" | "loading" | "open";

/** Where everything begins. */
export const ROOT = "";

export interface NodeRow {
  readonly kind: "node";
  readonly key: string;
  readonly node: TreeNode;
  readonly depth: number;
  readonly state: Opened;
  /** Names from the first level down to this one. */
  readonly names: readonly string[];
  /** An object above is read with all that is below it. */
  readonly isCovered: boolean;
}

/** The level has more than was loaded. */
export interface MoreRow {
  readonly kind: "more";
  readonly key: string;
  readonly under: string;
  readonly name: string;
  readonly depth: number;
  readonly shown: number;
}

export type TreeRow = NodeRow | MoreRow;

export interface TreeView {
  readonly levels: ReadonlyMap<string, Level>;
  readonly states: ReadonlyMap<string, Opened>;
  /** Shows what has this text, and what it lies under. */
  readonly search: string;
  /** Whether the variables right below, or all below, are read by an entry for this node. */
  readonly coverOf: (node: TreeNode) => "none" | "variables" | "all";
}

interface Place {
  readonly under: string;
  readonly names: readonly string[];
  readonly cover: "none" | "variables" | "all";
  /** Nodes above: none is walked below itself. */
  readonly above: ReadonlySet<string>;
}

/** The rows of all open levels, the first level first; a search looks through closed ones too. */
export function treeRows(view: TreeView): readonly TreeRow[] {
  const words = view.search.toLowerCase().trim();
  const rows: TreeRow[] = [];
  walk({ under: ROOT, names: [], cover: "none", above: new Set() }, { ...view, words, rows });
  return rows;
}

interface Walk extends TreeView {
  readonly words: string;
  /** Are added to. */
  readonly rows: TreeRow[];
}

function walk({ under, names, cover, above }: Place, view: Walk): void {
  const level = view.levels.get(under);
  if (!level) return;
  const depth = names.length;
  const way = [...above].join(" ");
  for (const node of level.nodes) {
    const state = view.states.get(node.id) ?? "closed";
    const own = [...names, node.name];
    const isCovered = cover === "all" || (cover === "variables" && node.kind === "variable");
    const at = view.rows.length;
    view.rows.push({ kind: "node", key: `${way} ${node.id}`, node, depth, state, names: own, isCovered });
    if ((state !== "closed" || view.words !== "") && !above.has(node.id)) {
      const below = cover === "all" ? "all" : view.coverOf(node);
      walk({ under: node.id, names: own, cover: below, above: new Set([...above, node.id]) }, view);
    }
    const row = view.rows[at];
    const isAlone = view.rows.length === at + 1;
    if (row?.kind === "node" && state === "closed" && !isAlone) view.rows[at] = { ...row, state: "open" };
    if (view.words !== "" && isAlone && !hasWords(node, view.words)) view.rows.pop();
  }
  if (level.next === null || view.words !== "") return;
  const name = names.at(-1) ?? "the first level";
  view.rows.push({ kind: "more", key: `${way} more`, under, name, depth, shown: level.nodes.length });
}

function hasWords({ name, id, data_type = "", facts = {} }: TreeNode, words: string): boolean {
  return [name, id, data_type, String(facts.description ?? ""), String(facts.numbered_id ?? "")]
    .some((text) => text.toLowerCase().includes(words));
}
