import type { SourceMemory } from "./source_memory.ts";

/** Things that are remembered at once: as many as a source has endpoints, at most. */
const MAX_MARKS = 8;

/**
 * One value of a source's memory for each of the things that it was learned of: a source has several endpoints, and its
 * configuration may be put back. `mark` tells them apart. The newest few are kept.
 */
export class MarkedMemory {
  readonly #memory: SourceMemory | undefined;
  readonly #key: string;

  /** Without `memory` nothing is kept. */
  constructor(memory: SourceMemory | undefined, key: string) {
    this.#memory = memory;
    this.#key = key;
  }

  /** What was kept of `mark`: anything, since it comes from a file. */
  recall(mark: string): unknown {
    const all = Object(this.#memory?.recall(this.#key));
    return Object.hasOwn(all, mark) ? all[mark] : undefined;
  }

  /** Keeps a value that JSON can hold as the newest one; undefined forgets. */
  keep(mark: string, value: unknown): void {
    if (!this.#memory) return;
    const { [mark]: _, ...others } = Object(this.#memory.recall(this.#key));
    const own = value === undefined ? [] : [[mark, value]];
    const all = [...Object.entries(others), ...own].slice(-MAX_MARKS);
    this.#memory.keep(this.#key, all.length > 0 ? Object.fromEntries(all) : undefined);
  }
}
