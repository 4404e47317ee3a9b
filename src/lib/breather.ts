import { setImmediate } from "node:timers";

/** Work on the event loop longer than this makes timers, acknowledgements and pages late. */
const MAX_BUSY_MS = 10;

/**
 * Lets a loop that never has to wait leave the event loop to others from time to time.
 *
 * ```ts
 * const breather = new Breather(clock);
 * for (const each of many) {
 *   work(each);
 *   await breather.breathe();
 * }
 * ```
 */
export class Breather {
  readonly #clock: { monotonicMs(): number };
  #sinceMs: number;

  constructor(clock: { monotonicMs(): number }) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** Returns at once, or after timers and sockets had their turn when the last turn is long ago. */
  breathe(): Promise<void> | undefined {
    if (this.#clock.monotonicMs() - this.#sinceMs < MAX_BUSY_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#sinceMs = this.#clock.monotonicMs();
        resolve();
      })
    );
  }
}
