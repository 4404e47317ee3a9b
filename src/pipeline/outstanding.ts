import { abortable } from "../lib/condition.ts";

/** Promises that somebody will want to have waited for. Holds only those that are still open. */
export class Outstanding {
  readonly #open = new Set<Promise<void>>();

  /** `promise` must not reject. */
  add(promise: Promise<void>): void {
    this.#open.add(promise);
    void promise.finally(() => this.#open.delete(promise));
  }

  /** Resolves when all are over, or when `givenUp` aborts. */
  async settled(givenUp: AbortSignal): Promise<void> {
    await abortable(Promise.all(this.#open), givenUp).catch(() => {/* given up */});
  }
}
