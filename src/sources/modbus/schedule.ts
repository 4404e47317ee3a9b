import type { Part, PartMemory } from "./part_memory.ts";
import { isBefore, joinRequests, type ReadRequest, splitRequest } from "./plan.ts";
import { afterTurn, holeOf, isAsked, type Poll, pollOf } from "./poll.ts";
import type { UnitBreaker } from "./unit_breaker.ts";

/** The first polls of a session are spread over the interval, and over this long at most: nobody waits an hour for a first value. */
const MAX_SPREAD_MS = 1000;
/** A refused request is tried again after at most this long, or its interval if that is longer. */
const MAX_RETRY_MS = 60_000;
/** The most cuts between the values of an entry in search of what the device refuses of a planned request. */
const MAX_CUTS = 125;
/** Beyond those, only at the ends of the entry, and where a hole touches what the device has: an edge takes a handful. */
const MAX_EDGE_CUTS = 125;
/** What is read in parts is tried as a whole again after so long: the device may have been changed. */
export const RECHECK_MS = 24 * 3_600_000;

/** What `Schedule` works with. */
export interface ScheduleParts {
  readonly units: UnitBreaker;
  /** Which requests are read in parts, from earlier sessions and starts. */
  readonly memory: PartMemory;
  readonly nowMs: number;
}

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
  /** By planned request: how often it was cut between the values of an entry. */
  readonly #cuts = new Map<ReadRequest, number>();
  readonly #memory: PartMemory;
  /** By planned request that is read in parts: when it is tried as a whole again. */
  readonly #recheckMs = new Map<ReadRequest, number>();
  #turns = 0;
  /** Who ended the last connection that a request ended, and whether anything was answered since. */
  #breaker: Poll | undefined;
  #hasAnswered = false;

  constructor(requests: readonly ReadRequest[], { units, memory, nowMs }: ScheduleParts) {
    this.#units = units;
    this.#memory = memory;
    this.#polls = requests.flatMap((origin) => this.#firstPolls(origin, nowMs));
  }

  #firstPolls(origin: ReadRequest, nowMs: number): Poll[] {
    const known = this.#memory.partsOf(origin);
    const first = { origin, dueMs: -Infinity, turn: 0 };
    if (!known) return [pollOf(origin, first)];
    this.#recheckMs.set(origin, nowMs + RECHECK_MS - known.ageMs);
    return known.parts.map(({ request, hole }) => pollOf(request, first, hole));
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
    let [next, nextDueMs, nextMs] = [this.#polls[0], 0, Infinity];
    for (const poll of this.#polls) {
      const dueMs = Math.max(poll.dueMs, this.#units.retryAtMs(poll.request.slaveId));
      const atMs = Math.max(dueMs, nowMs);
      const isFirst = atMs < nextMs || (atMs === nextMs && poll.turn < (next?.turn ?? 0));
      if (isFirst) [next, nextDueMs, nextMs] = [poll, dueMs, atMs];
    }
    if (!next) throw new TypeError("there is nothing to read");
    return { poll: next, dueMs: nextDueMs };
  }

  /** Something was answered. */
  answered(): void {
    this.#hasAnswered = true;
  }

  /** The device has what the poll reads. @returns whether it was known for a hole */
  gave(poll: Poll): boolean {
    const wasHole = holeOf(poll) !== undefined;
    poll.state = { kind: "given" };
    return wasHole;
  }

  /** Sets the poll's next time, one interval on; those that have wholly passed are left out. @returns how many were */
  done(poll: Poll, nowMs: number): number {
    const { intervalMs } = poll.request;
    this.#takeTurn(poll);
    poll.refusals = 0;
    poll.dueMs += intervalMs;
    const skipped = Math.max(0, Math.floor((nowMs - poll.dueMs) / intervalMs));
    poll.dueMs += skipped * intervalMs;
    if ((this.#recheckMs.get(poll.origin) ?? Infinity) <= nowMs) this.#join(poll.origin);
    return skipped;
  }

  /** Leaves out what has wholly passed while nothing could be sent. @returns how many polls that were */
  skip(nowMs: number): number {
    let sum = 0;
    for (const poll of this.#polls) {
      const { intervalMs } = poll.request;
      const skipped = Math.max(0, Math.floor((nowMs - poll.dueMs) / intervalMs));
      poll.dueMs += skipped * intervalMs;
      sum += skipped;
    }
    return sum;
  }

  /** How many polls have fallen due and not been sent. */
  missed(nowMs: number): number {
    const due = this.#polls.filter((poll) => poll.dueMs <= nowMs);
    return due.reduce((sum, { dueMs, request }) => sum + 1 + Math.floor((nowMs - dueMs) / request.intervalMs), 0);
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
    poll.state = afterTurn(poll.state);
  }

  /** Reads what the device refuses as a whole in two parts from now on. @returns whether that is possible */
  split(poll: Poll, nowMs: number): boolean {
    const { request, origin } = poll;
    if (holeOf(poll) !== undefined) return false;
    const parts = splitRequest(request);
    const cuts = (this.#cuts.get(origin) ?? 0) + (request.slices.length === 1 ? 1 : 0);
    if (!parts || !this.#mayCut(poll, cuts)) return false;
    this.#cuts.set(origin, cuts);
    this.#recheckMs.set(origin, nowMs + RECHECK_MS);
    this.#replace([poll], parts.map((part) => pollOf(part, poll)));
    return true;
  }

  #mayCut(poll: Poll, cuts: number): boolean {
    if (cuts <= MAX_CUTS) return true;
    const neighbours = this.#neighbours(poll);
    const isAtEdge = neighbours.length < 2 || neighbours.some(({ state }) => state.kind === "given");
    return isAtEdge && cuts <= MAX_CUTS + MAX_EDGE_CUTS;
  }

  /** Lets a refused poll wait for neighbours that were not asked yet: its hole may end within it. @returns whether there are any */
  defer(poll: Poll, nowMs: number): boolean {
    if (holeOf(poll) !== undefined || !splitRequest(poll.request)) return false;
    if (this.#neighbours(poll).every(isAsked)) return false;
    this.#putLast(poll, nowMs);
    poll.state = { kind: "deferred" };
    return true;
  }

  /** The polls that read the values of the same entry right before and after those of `poll`. */
  #neighbours({ request, origin }: Poll): Poll[] {
    return this.#partsOf(origin).filter((other) =>
      isBefore(other.request, request) || isBefore(request, other.request)
    );
  }

  /** The device does not have what the poll reads. Holes that touch become one. */
  refusedForGood(poll: Poll, answer: string, nowMs: number): void {
    this.refused(poll, nowMs);
    poll.state = { kind: "hole", answer };
    let joined = poll;
    const parts = [poll];
    for (const other of this.#partsOf(poll.origin)) {
      if (holeOf(other) === undefined) continue;
      const request = joinRequests(other.request, joined.request) ?? joinRequests(joined.request, other.request);
      if (!request) continue;
      joined = { ...joined, request };
      parts.push(other);
    }
    this.#replace(parts, [joined]);
  }

  /** What the device does not have of a planned request, once all parts of it were asked. */
  holesOf(origin: ReadRequest): readonly Part[] {
    const parts = this.#partsOf(origin);
    return isKnown(parts) ? parts.map(partOf).filter(({ hole }) => hole !== undefined) : [];
  }

  /** Keeps beyond this start how a planned request is read, once all parts of it were asked. */
  remember(origin: ReadRequest, nowMs: number): void {
    const parts = this.#partsOf(origin);
    const recheckMs = this.#recheckMs.get(origin);
    if (recheckMs === undefined || !isKnown(parts)) return;
    this.#memory.keep(origin, { parts: parts.map(partOf), ageMs: nowMs + RECHECK_MS - recheckMs });
  }

  /** A hole answers: what is read in parts because of it is tried as a whole again. */
  closeHole(poll: Poll): void {
    this.#join(poll.origin);
  }

  #join(origin: ReadRequest): void {
    const parts = this.#partsOf(origin);
    const dueMs = Math.min(...parts.map((poll) => poll.dueMs));
    const turn = Math.min(...parts.map((poll) => poll.turn));
    this.#cuts.delete(origin);
    this.#recheckMs.delete(origin);
    this.#memory.forget(origin);
    this.#replace(parts, [pollOf(origin, { origin, dueMs, turn })]);
  }

  #partsOf(origin: ReadRequest): Poll[] {
    return this.#polls.filter((poll) => poll.origin === origin);
  }

  #replace(polls: readonly Poll[], others: readonly Poll[]): void {
    this.#polls = [...this.#polls.filter((poll) => !polls.includes(poll)), ...others];
  }

  /** Every request of `unit` that is not known for a hole. */
  ofUnit(unit: number): ReadRequest[] {
    const polls = this.#polls.filter((poll) => poll.request.slaveId === unit && holeOf(poll) === undefined);
    return polls.map((poll) => poll.request);
  }

  /** Every unit that is read. */
  get units(): ReadonlySet<number> {
    return new Set(this.#polls.map((poll) => poll.request.slaveId));
  }
}

/** Every part was asked, and none of them waits for another. */
function isKnown(parts: readonly Poll[]): boolean {
  return parts.every((poll) => isAsked(poll) && poll.state.kind !== "deferred");
}

function partOf(poll: Poll): Part {
  return { request: poll.request, hole: holeOf(poll) };
}
