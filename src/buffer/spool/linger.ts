/** The longest that a commit waits for more while somebody waits for it, and the shortest that is worth a timer. */
const MAX_MS = 8;
const MIN_MS = 2;
/** Where waiting brings nothing, one commit in so many tries it again. */
const PROBE_EVERY = 32;

/**
 * How long a commit waits for more rows although devices wait for it. A commit costs the same whether it holds one row or
 * a hundred, and wears the disk as much; but a device that sends no more until it is acknowledged must not wait at all.
 * So it is learned: as long as rows keep coming while it waits it waits longer, and when none come it does not.
 */
export class Linger {
  #ms = 0;
  #commits = 0;

  /** Milliseconds for the next commit. */
  next(): number {
    if (this.#ms > 0) return this.#ms;
    return ++this.#commits % PROBE_EVERY === 0 ? MIN_MS : 0;
  }

  /** What the first and the second half of a wait of `ms` brought, in any unit. */
  learn(ms: number, first: number, second: number): void {
    if (second > first / 2) this.#ms = Math.min(MAX_MS, 2 * ms);
    else this.#ms = second > 0 ? ms : ms / 2;
    if (first === 0 || this.#ms < MIN_MS) this.#ms = 0;
  }
}
