import type { Clock } from "../../core/clock.ts";
import { Backoff } from "../../lib/backoff.ts";

/** Between attempts to watch the nodes that the server does not know. */
const RETRY = { initialMs: 2000, maxMs: 300_000, multiplier: 2 };

/** How often is looked whether an attempt is due. */
const LOOK_MS = RETRY.initialMs / 2;

/** What is tried again. */
export interface Retried {
  /** How often something failed that had not failed before. */
  readonly failures: number;
  readonly hasFailed: boolean;
  retry(): Promise<void>;
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Whether a request can be sent now. */
  canAsk(): boolean;
  /** @throws an error that ends the session; after any other one it is tried again */
  leave(error: unknown): void;
  readonly signal: AbortSignal;
}

/**
 * Tries again what failed, with growing pauses, until `signal` aborts. The pauses begin anew whenever something fails that
 * had not failed before: what is missing for days does not make wait for what went away a second ago.
 * @throws what `leave` throws
 */
export async function keepRetrying(
  items: Retried,
  { clock, random, canAsk, leave, signal }: RetryOptions,
): Promise<void> {
  const backoff = new Backoff({ ...RETRY, random });
  let failures = items.failures;
  let dueMs = clock.monotonicMs() + backoff.next();
  while (!signal.aborted) {
    await clock.sleep(LOOK_MS, signal).catch(() => {}); // only the signal ends it early
    if (items.failures !== failures) {
      failures = items.failures;
      backoff.reset();
      dueMs = Math.min(dueMs, clock.monotonicMs() + backoff.next());
    }
    if (signal.aborted || !canAsk() || !items.hasFailed || clock.monotonicMs() < dueMs) continue;
    await items.retry().catch(leave);
    dueMs = clock.monotonicMs() + backoff.next();
  }
}
