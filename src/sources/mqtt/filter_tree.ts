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
    const found = new Search(topic).in(this.#root);
    return found.length === 0 ? undefined : Math.min(...found);
  }

  /** The places of filters that match every topic that `filter` matches, its own place among them. */
  covering(filter: readonly string[]): number[] {
    return new Search(filter).in(this.#root); // a wildcard is a level like any other, matched by itself and by wider ones
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

/** One walk through a tree. */
class Search {
  readonly #levels: readonly string[];
  readonly #found: number[] = [];

  constructor(levels: readonly string[]) {
    this.#levels = levels;
  }

  /** The places that are found, in no order. */
  in(root: Branch): number[] {
    this.#visit(root, 0);
    return this.#found;
  }

  /** `at`: how many levels lie behind. */
  #visit(branch: Branch, at: number): void {
    const level = this.#levels[at];
    const takesWildcard = at > 0 || !level?.startsWith("$");
    if (takesWildcard) this.#take(branch.children.get("#")); // also the parent level itself: a/# matches a
    if (level === undefined) return this.#take(branch);
    if (level === "#") return; // only # covers it
    const same = branch.children.get(level);
    if (same) this.#visit(same, at + 1);
    const any = level === "+" || !takesWildcard ? undefined : branch.children.get("+");
    if (any) this.#visit(any, at + 1);
  }

  #take(branch: Branch | undefined): void {
    if (branch?.index !== undefined) this.#found.push(branch.index);
  }
}
