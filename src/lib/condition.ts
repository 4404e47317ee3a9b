/**
 * Lets tasks sleep until something they wait for may have changed. They look again after each wake.
 *
 * ```ts
 * const room = new Condition();
 * while (queue.isFull) await room.wait(signal);
 * ```
 */
export class Condition {
  /** Who waits without a signal shares this; it is made anew with each wake. */
  #shared = Promise.withResolvers<void>();
  #hasSharers = false;
  /** Who waits with one: a wait that is given up leaves nothing behind, however long nobody wakes. */
  readonly #waiters = new Set<() => void>();

  /** Resolves at the next `wake`. @throws the signal's reason when it aborts first */
  wait(signal?: AbortSignal): Promise<void> {
    if (signal) return this.#waitWith(signal);
    this.#hasSharers = true;
    return this.#shared.promise;
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
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
    if (!this.#hasSharers) return;
    this.#hasSharers = false;
    const woken = this.#shared;
    this.#shared = Promise.withResolvers<void>();
    woken.resolve();
  }

  /** How many wait with a signal. */
  get waiting(): number {
    return this.#waiters.size;
  }

  #waitWith(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#waiters.delete(wake);
        reject(signal.reason);
      };
      const wake = () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(wake);
    });
  }
}

/** `promise`, given up as soon as `signal` aborts; what it stands for goes on. @throws the signal's reason */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(() => {/* nobody is there any more to whom it matters */});
      return reject(signal.reason);
    }
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
