/** Lets callers do something one after another, in the order in which they ask. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `task` once what was asked for before is over. @throws what `task` throws, and the signal's reason when its turn comes too late */
  take<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      return task();
    });
    this.#last = turn.catch(() => {/* its caller hears of it */});
    return turn;
  }
}
