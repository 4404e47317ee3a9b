/** A tree of which only the opened parts are known. */
import type { BrowseNode } from "./sources.ts";

export interface Branch {
  readonly node: BrowseNode;
  readonly depth: number;
  readonly state: "closed" | "loading" | "open";
}

/** The rows to show: the roots, and under each open node its own. */
export function rowsOf(
  children: ReadonlyMap<string, readonly BrowseNode[]>,
  states: ReadonlyMap<string, Branch["state"]>,
  root = "",
): readonly Branch[] {
  const rows: Branch[] = [];
  // A node may lie under itself by another way: each way is walked, but no node below itself.
  const walk = (under: string, depth: number, way: ReadonlySet<string>): void => {
    for (const node of children.get(under) ?? []) {
      const state = states.get(node.id) ?? "closed";
      rows.push({ node, depth, state });
      if (state === "open" && !way.has(node.id)) walk(node.id, depth + 1, new Set([...way, node.id]));
    }
  };
  walk(root, 0, new Set());
  return rows;
}
