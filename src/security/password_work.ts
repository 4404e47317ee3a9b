import { setImmediate } from "node:timers";

/** Rounds of PBKDF2, which the platform counts beside the event loop: some seconds. */
const MAX_ROUNDS = 3_000_000;
/** Digests of the old way, which we count ourselves: Java's key stores of old take 350,000 of them. */
const MAX_DIGESTS = 400_000;
/** So many take some milliseconds; then it is the turn of others. */
const DIGESTS_AT_A_TIME = 200;

/**
 * What the passwords of one file may cost in all. Whoever made the file says in it how often each is counted through: without
 * a limit for the whole of it, a few hundred bytes would keep the connector busy for days.
 */
export class PasswordWork {
  readonly #signal: AbortSignal | undefined;
  #rounds = MAX_ROUNDS;
  #digests = MAX_DIGESTS;
  #sinceTurn = 0;

  /** `signal` ends it between two digests. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  throwIfAborted(): void {
    this.#signal?.throwIfAborted();
  }

  /** Before rounds of PBKDF2. @throws {Error} for more than are left */
  takeRounds(count: number): void {
    this.#rounds = left(this.#rounds, count, MAX_ROUNDS);
  }

  /** Before digests of the old way; `countDigest` after each. @throws {Error} for more than are left */
  takeDigests(count: number): void {
    this.#digests = left(this.#digests, count, MAX_DIGESTS);
  }

  /** Lets timers and sockets have their turn from time to time. @throws what the signal was aborted with */
  countDigest(): Promise<void> | undefined {
    if (++this.#sinceTurn < DIGESTS_AT_A_TIME) return undefined;
    this.#sinceTurn = 0;
    return new Promise((resolve, reject) =>
      setImmediate(() => {
        if (this.#signal?.aborted) reject(this.#signal.reason);
        else resolve();
      })
    );
  }
}

function left(before: number, count: number, most: number): number {
  if (count >= 1 && count <= before) return before - count;
  throw new Error(`its passwords would take ${count + most - before} rounds, and ${most} are the most here`);
}
