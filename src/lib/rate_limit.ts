export interface RateLimitOptions {
  readonly perSecond: number;
  /** How far it may run ahead after a pause: 0 spaces evenly. */
  readonly burstMs: number;
  readonly clock: { monotonicMs(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
}

/**
 * Lets so many through per second, in the order they ask. What was taken is taken, however much: the next one waits for it
 * (the generic cell rate algorithm, ITU-T I.371, A.1).
 *
 * ```ts
 * const limit = new RateLimit({ perSecond: 10, burstMs: 0, clock });
 * await limit.take(1, signal); // at once; the next one 100 ms later
 * ```
 */
export class RateLimit {
  readonly #options: RateLimitOptions;
  /** When everything taken so far is paid for. */
  #paidMs = -Infinity;

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Takes `count`, and resolves when that many may go. @throws the signal's reason when it aborts first */
  async take(count: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#until(this.#book(count).fromMs, signal);
  }

  /** For `count` that have gone already, however many: resolves when further ones may. @throws the signal's reason when it aborts first */
  async spend(count: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#until(this.#book(count).paidMs, signal);
  }

  #book(count: number): { readonly fromMs: number; readonly paidMs: number } {
    const fromMs = Math.max(this.#paidMs, this.#options.clock.monotonicMs());
    this.#paidMs = fromMs + count * 1000 / this.#options.perSecond;
    return { fromMs, paidMs: this.#paidMs };
  }

  async #until(timeMs: number, signal: AbortSignal): Promise<void> {
    const { burstMs, clock } = this.#options;
    const waitMs = timeMs - burstMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }
}
