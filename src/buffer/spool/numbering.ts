import type { Entry } from "./store.ts";

/** Per table, by the number of its name, the number that its next row gets, and what the store is to know of that. */
export class Numbering {
  readonly #next = new Map<number, number>();
  readonly #dirty = new Set<number>();

  /** Rows of the table before this number have got theirs. */
  advance(table: number, next: number): void {
    if (next <= (this.#next.get(table) ?? 0)) return;
    this.#next.set(table, next);
    this.#dirty.add(table);
  }

  /** What became of rows of the table is to be told anew. */
  touch(table: number): void {
    this.#dirty.add(table);
  }

  get changes(): number {
    return this.#dirty.size;
  }

  /**
   * Per table the number up to which the store then knows of every row what became of it; `kept`: the first row of each
   * table that is in memory alone.
   */
  take(kept: ReadonlyMap<number, number>): Entry[] {
    for (const table of kept.keys()) this.#dirty.add(table);
    const entries = [...this.#dirty].map((table) => {
      const next = Math.min(this.#next.get(table) ?? 1, kept.get(table) ?? Infinity);
      return { key: ["seq", table], value: next };
    });
    this.#dirty.clear();
    return entries;
  }
}
