export interface DeadlineOptions {
  readonly clock: { sleep(ms: number, signal?: AbortSignal): Promise<void> };
  readonly ms: number;
  /** What to throw when the time is over. */
  readonly late: () => Error;
  readonly signal: AbortSignal;
}

/**
 * Runs `task` with a signal that aborts when `signal` does, or with `late()` after `ms`. A task that does not listen to it is
 * waited for all the same: what only has to be over by then is for `within`.
 *
 * ```ts
 * await withDeadline((bounded) => source.connect(bounded), { clock, ms: 5000, late: () => new Error("no answer"), signal });
 * ```
 * @throws what `task` throws
 */
export async function withDeadline<T>(task: (signal: AbortSignal) => Promise<T>, options: DeadlineOptions): Promise<T> {
  const { clock, ms, late, signal } = options;
  const over = new AbortController();
  const done = new AbortController();
  clock.sleep(ms, done.signal).then(() => over.abort(late()), () => {/* the task was done first */});
  try {
    return await task(AbortSignal.any([signal, over.signal]));
  } finally {
    done.abort();
  }
}
