/**
 * Whether `promise` resolved within `ms`; what it stands for goes on otherwise.
 *
 * ```ts
 * if (!(await within(server.stopped, 5000, clock))) server.kill();
 * ```
 * @throws what `promise` rejects with, when it does so in time
 */
export async function within(
  promise: Promise<unknown>,
  ms: number,
  clock: { sleep(ms: number, signal?: AbortSignal): Promise<void> },
): Promise<boolean> {
  const over = new AbortController();
  const late = clock.sleep(ms, over.signal).then(() => false, () => false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    over.abort();
  }
}
