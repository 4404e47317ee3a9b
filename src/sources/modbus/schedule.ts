import type { ReadRequest } from "./plan.ts";
import type { UnitBreaker } from "./unit_breaker.ts";

/** A request and when it is to be sent next. Times are monotonic. */
export interface Poll {
  readonly request: ReadRequest;
  dueMs: number;
  /** Refusals in a row. */
  refusals: number;
}

/** First polls are spread over the interval, and over this long at most: nobody waits an hour for a first value. */
const MAX_SPREAD_MS = 1000;
/** A refused request is tried again after at most this long, or its interval if that is longer. */
const MAX_RETRY_MS = 60_000;

/** Which request is next, and when. Polls never pile up: one that comes too late is skipped and counted. */
export class Schedule {
  readonly #units: UnitBreaker;
  #polls: Poll[];

  constructor(requests: readonly ReadRequest[], units: UnitBreaker, nowMs: number) {
    this.#units = units;
    this.#polls = requests.map((request, index) => {
      const spreadMs = Math.min(request.intervalMs, MAX_SPREAD_MS);
      return { request, dueMs: nowMs + (index * spreadMs) / requests.length, refusals: 0 };
    });
  }

  /** The poll that is due first, and when that is. */
  next(): { poll: Poll; dueMs: number } {
    let poll: Poll | undefined;
    let dueMs = Infinity;
    for (const each of this.#polls) {
      const eachMs = Math.max(each.dueMs, this.#units.retryAtMs(each.request.slaveId));
      if (eachMs < dueMs) [poll, dueMs] = [each, eachMs];
    }
    if (!poll) throw new TypeError("there is nothing to read");
    return { poll, dueMs };
  }

  /** Sets the poll's next time, one interval on; those that have wholly passed are left out. @returns how many were */
  done(poll: Poll, nowMs: number): number {
    const { intervalMs } = poll.request;
    poll.refusals = 0;
    poll.dueMs += intervalMs;
    const skipped = Math.max(0, Math.floor((nowMs - poll.dueMs) / intervalMs));
    poll.dueMs += skipped * intervalMs;
    return skipped;
  }

  /** Puts a refused poll off, each time longer. */
  refused(poll: Poll, nowMs: number): void {
    const { intervalMs } = poll.request;
    poll.refusals++;
    poll.dueMs = nowMs + Math.min(Math.max(MAX_RETRY_MS, intervalMs), intervalMs * 2 ** poll.refusals);
  }

  /** Puts smaller requests in the place of one, from now on. */
  replace(poll: Poll, requests: readonly ReadRequest[]): void {
    this.#polls = this.#polls.filter((each) => each !== poll);
    for (const request of requests) this.#polls.push({ request, dueMs: poll.dueMs, refusals: 0 });
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
