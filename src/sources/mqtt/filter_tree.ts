/**
 * Topic filters by their levels, so that finding those that match a topic does not take longer the more filters there are.
 * A wildcard at the first level does not match what begins with `$` (MQTT 5, 4.7.2).
 */
interface Branch {
  readonly children: Map<string, Branch>;
  /** The filter that ends here: its place among the filters. */
  index: number | undefined;
}

export class FilterTree {
  readonly #root: Branch = { children: new Map(), index: undefined };

  /** `filters`: the levels of each; of equal ones the first counts. */
  constructor(filters: readonly (readonly string[])[]) {
    for (const [index, levels] of filters.entries()) this.#add(levels, index);
  }

  /** The place of the first filter that matches a topic with these levels; undefined where none does. */
  firstMatch(topic: readonly string[]): number | undefined {
    const found: number[] = [];
    collect(this.#root, topic, 0, found);
    return found.length === 0 ? undefined : Math.min(...found);
  }

  /** The places of filters that match every topic that `filter` matches, its own place among them. */
  covering(filter: readonly string[]): number[] {
    const found: number[] = [];
    collect(this.#root, filter, 0, found); // a wildcard is a level like any other, matched by itself and by wider ones
    return found;
  }

  #add(levels: readonly string[], index: number): void {
    let at = this.#root;
    for (const level of levels) {
      let next = at.children.get(level);
      if (!next) at.children.set(level, next = { children: new Map(), index: undefined });
      at = next;
    }
    at.index ??= index;
  }
}

function collect(branch: Branch, levels: readonly string[], at: number, found: number[]): void {
  const level = levels[at];
  const takesWildcard = at > 0 || !level?.startsWith("$");
  const rest = takesWildcard ? branch.children.get("#")?.index : undefined; // also the parent level itself: a/# matches a
  if (rest !== undefined) found.push(rest);
  if (level === undefined) {
    if (branch.index !== undefined) found.push(branch.index);
    return;
  }
  if (level === "#") return; // only # covers it
  const same = branch.children.get(level);
  if (same) collect(same, levels, at + 1, found);
  const any = level === "+" || !takesWildcard ? undefined : branch.children.get("+");
  if (any) collect(any, levels, at + 1, found);
}
