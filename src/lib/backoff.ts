/** How long to wait between attempts. */
export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Exponential backoff with full jitter: each wait is uniform between 0 and a ceiling that grows with every failure, so
 * that many clients of one server do not come back at once (AWS Architecture Blog, "Exponential Backoff And Jitter").
 *
 * ```ts
 * const backoff = new Backoff({ initialMs: 1000, maxMs: 300_000, multiplier: 2, random: Math.random });
 * await sleep(backoff.next());
 * ```
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Failures since the last `reset`. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts one failure more and says how many milliseconds to wait. */
  next(): number {
    const { initialMs, maxMs, multiplier, random } = this.#options;
    const ceiling = Math.min(maxMs, initialMs * multiplier ** this.#failures);
    this.#failures++;
    return random() * ceiling;
  }

  /** To be called on real progress, not on a mere connect: a peer that accepts and then drops must be backed off from. */
  reset(): void {
    this.#failures = 0;
  }
}
