/**
 * Lets tasks sleep until something they wait for may have changed. They look again after each wake.
 *
 * ```ts
 * const room = new Condition();
 * while (queue.isFull) await room.wait(signal);
 * ```
 */
export class Condition {
  #waiting = Promise.withResolvers<void>();
  #hasWaiters = false;

  /** Resolves at the next `wake`. @throws the signal's reason when it aborts first */
  wait(signal?: AbortSignal): Promise<void> {
    this.#hasWaiters = true;
    if (!signal) return this.#waiting.promise;
    return abortable(this.#waiting.promise, signal);
  }

  /** Resolves with true at the next `wake`, with false when `signal` aborts first. */
  async isWoken(signal: AbortSignal): Promise<boolean> {
    try {
      await this.wait(signal);
      return true;
    } catch {
      return false; // aborted: not an error
    }
  }

  /** Wakes all who wait now. */
  wake(): void {
    if (!this.#hasWaiters) return;
    this.#hasWaiters = false;
    const woken = this.#waiting;
    this.#waiting = Promise.withResolvers<void>();
    woken.resolve();
  }
}

/** `promise`, given up as soon as `signal` aborts; what it stands for goes on. @throws the signal's reason */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
