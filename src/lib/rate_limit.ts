import { abortable } from "./condition.ts";

export interface RateLimitOptions {
  readonly perSecond: number;
  /** How far it may run ahead after a pause: 0 spaces evenly. */
  readonly burstMs: number;
  readonly clock: { monotonicMs(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
}

/**
 * Lets so many through per second, in the order they ask. What was taken is taken, however much: the next one waits for it
 * (the generic cell rate algorithm, ITU-T I.371, A.1). Who gives up waiting has taken nothing.
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
  /** Resolves when whoever asked last has had its turn, or has given up. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Takes `count`, and resolves when that many may go. @throws the signal's reason when it aborts first; then nothing was taken */
  async take(count: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = turn.promise;
    try {
      await abortable(before, signal);
      await this.#until(this.#paidMs, signal);
      this.#book(count);
    } finally {
      before.then(turn.resolve); // who gives up does not let others overtake those who wait in front of it
    }
  }

  /** For `count` that have gone already, however many: resolves when further ones may. @throws the signal's reason when it aborts first; they have gone all the same */
  async spend(count: number, signal: AbortSignal): Promise<void> {
    const paidMs = this.#book(count);
    signal.throwIfAborted();
    await this.#until(paidMs, signal);
  }

  /** How long it is until further ones may go, in milliseconds; 0 where nothing is owed. */
  get owedMs(): number {
    const { burstMs, clock } = this.#options;
    return Math.max(0, this.#paidMs - burstMs - clock.monotonicMs());
  }

  #book(count: number): number {
    const fromMs = Math.max(this.#paidMs, this.#options.clock.monotonicMs());
    return this.#paidMs = fromMs + count * 1000 / this.#options.perSecond;
  }

  async #until(timeMs: number, signal: AbortSignal): Promise<void> {
    const { burstMs, clock } = this.#options;
    const waitMs = timeMs - burstMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }
}
