import type { PollSkipCause } from "../../core/source.ts";
import type { Poll } from "./poll.ts";

interface Sums {
  readonly heldMs: number;
  readonly silentMs: number;
}

const NONE: Sums = { heldMs: 0, silentMs: 0 };

/** Where the time of a session goes in which nothing can be read, to tell why polls come too late. Times are monotonic. */
export class LostTime {
  readonly #atLastTurn = new WeakMap<Poll, Sums>();
  #sums = NONE;
  #heldSinceMs: number | undefined;

  /** A batch is handed over: until it is taken, the queue pushes back. */
  hold(nowMs: number): void {
    this.#heldSinceMs = nowMs;
  }

  taken(nowMs: number): void {
    if (this.#heldSinceMs === undefined) return;
    this.#sums = { ...this.#sums, heldMs: this.#sums.heldMs + nowMs - this.#heldSinceMs };
    this.#heldSinceMs = undefined;
  }

  /** The queue pushes back now. */
  get isHeld(): boolean {
    return this.#heldSinceMs !== undefined;
  }

  /** A request waited so long in vain. */
  silence(ms: number): void {
    this.#sums = { ...this.#sums, silentMs: this.#sums.silentMs + ms };
  }

  /** The poll had its turn, `lateMs` too late: what took most of the time since its turn before. */
  turn(poll: Poll, { lateMs, isUnitSilent }: { lateMs: number; isUnitSilent: boolean }): PollSkipCause {
    const before = this.#atLastTurn.get(poll) ?? NONE;
    this.#atLastTurn.set(poll, this.#sums);
    if (2 * (this.#sums.heldMs - before.heldMs) >= lateMs) return "queue_full";
    if (isUnitSilent || 2 * (this.#sums.silentMs - before.silentMs) >= lateMs) return "silent";
    return "too_slow";
  }
}
