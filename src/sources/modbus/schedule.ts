import type { ReadRequest } from "./plan.ts";
import type { UnitBreaker } from "./unit_breaker.ts";

/** A request and when it is to be sent next. Times are monotonic. */
export interface Poll {
  readonly request: ReadRequest;
  dueMs: number;
  /** Number of its last turn; 0 before the first. */
  turn: number;
  /** Refusals in a row. */
  refusals: number;
}

/** The first polls of a session are spread over the interval, and over this long at most: nobody waits an hour for a first value. */
const MAX_SPREAD_MS = 1000;
/** A refused request is tried again after at most this long, or its interval if that is longer. */
const MAX_RETRY_MS = 60_000;

/**
 * Which request is next, and when. Of those that are due, the one whose last turn is longest ago. Polls never pile up:
 * one that comes too late is skipped and counted.
 *
 * It outlives sessions: were it made anew for each, a device that ends each session after the first answer would be
 * asked for the first request alone, for ever.
 */
export class Schedule {
  readonly #units: UnitBreaker;
  #polls: Poll[];
  #turns = 0;
  /** Who ended the last connection that a request ended, and whether anything was answered since. */
  #breaker: Poll | undefined;
  #hasAnswered = false;

  constructor(requests: readonly ReadRequest[], units: UnitBreaker) {
    this.#units = units;
    this.#polls = requests.map((request) => pollOf(request, -Infinity));
  }

  /** A session begins: what fell due before it was not skipped by anybody, and comes in the order of last turns. */
  begin(nowMs: number): void {
    this.#units.forget();
    const overdue = this.#polls.filter((poll) => poll.dueMs < nowMs).sort((a, b) => a.turn - b.turn);
    for (const [index, poll] of overdue.entries()) {
      const spreadMs = Math.min(poll.request.intervalMs, MAX_SPREAD_MS);
      poll.dueMs = nowMs + (index * spreadMs) / overdue.length;
    }
  }

  /** The next poll, and since or from when it is due. */
  next(nowMs: number): { poll: Poll; dueMs: number } {
    let next: { poll: Poll; dueMs: number } | undefined;
    for (const poll of this.#polls) {
      const dueMs = Math.max(poll.dueMs, this.#units.retryAtMs(poll.request.slaveId));
      if (!next || isBefore({ poll, dueMs }, next, nowMs)) next = { poll, dueMs };
    }
    if (!next) throw new TypeError("there is nothing to read");
    return next;
  }

  /** Something was answered. */
  answered(): void {
    this.#hasAnswered = true;
  }

  /** Sets the poll's next time, one interval on; those that have wholly passed are left out. @returns how many were */
  done(poll: Poll, nowMs: number): number {
    const { intervalMs } = poll.request;
    this.#takeTurn(poll);
    poll.refusals = 0;
    poll.dueMs += intervalMs;
    const skipped = Math.max(0, Math.floor((nowMs - poll.dueMs) / intervalMs));
    poll.dueMs += skipped * intervalMs;
    return skipped;
  }

  /** Puts a refused poll off, each time longer. */
  refused(poll: Poll, nowMs: number): void {
    const { intervalMs } = poll.request;
    this.#takeTurn(poll);
    poll.refusals++;
    poll.dueMs = nowMs + Math.min(Math.max(MAX_RETRY_MS, intervalMs), intervalMs * 2 ** poll.refusals);
  }

  /**
   * The connection ended while the poll waited for its answer: it goes last, and is put off where it is to blame. It is
   * not where nothing else was answered since another poll ended a connection: then the device serves nobody.
   * @returns whether it is to blame
   */
  broke(poll: Poll, nowMs: number): boolean {
    const isAgain = this.#breaker === poll && poll.refusals > 0;
    const isToBlame = this.#polls.length > 1 && (this.#hasAnswered || isAgain);
    this.#breaker = poll;
    this.#hasAnswered = false;
    if (isToBlame) this.refused(poll, nowMs);
    else this.#putLast(poll, nowMs);
    return isToBlame;
  }

  #putLast(poll: Poll, nowMs: number): void {
    this.#takeTurn(poll);
    poll.dueMs = nowMs + Math.min(poll.request.intervalMs, MAX_SPREAD_MS);
  }

  #takeTurn(poll: Poll): void {
    poll.turn = ++this.#turns;
  }

  /** Puts smaller requests in the place of one, from now on. */
  replace(poll: Poll, requests: readonly ReadRequest[]): void {
    this.#polls = this.#polls.filter((each) => each !== poll);
    for (const request of requests) this.#polls.push({ ...pollOf(request, poll.dueMs), turn: poll.turn });
  }

  /** Every request of `unit`. */
  ofUnit(unit: number): ReadRequest[] {
    return this.#polls.map((poll) => poll.request).filter((request) => request.slaveId === unit);
  }

  /** Every unit that is read. */
  get units(): ReadonlySet<number> {
    return new Set(this.#polls.map((poll) => poll.request.slaveId));
  }
}

function pollOf(request: ReadRequest, dueMs: number): Poll {
  return { request, dueMs, turn: 0, refusals: 0 };
}

function isBefore(
  one: { poll: Poll; dueMs: number },
  other: { poll: Poll; dueMs: number },
  nowMs: number,
): boolean {
  const [oneMs, otherMs] = [Math.max(one.dueMs, nowMs), Math.max(other.dueMs, nowMs)];
  return oneMs < otherMs || (oneMs === otherMs && one.poll.turn < other.poll.turn);
}
