import type { RegisterType } from "../address.ts";
import { dataBytesOf, EXCEPTION_FLAG, FUNCTION, looksAlike, type ReadRange } from "../pdu.ts";
import type { LineFrame } from "./framing.ts";

/** A request given up whose answer may still come. Times are monotonic. */
interface Entry {
  readonly range: ReadRange;
  readonly sentMs: number;
  /** Until then its answer is waited for before anything is asked whose answer looks like it. */
  readonly untilMs: number;
  /** Until then something else is asked before, see `probeFor`. */
  readonly doubtUntilMs: number;
}

/** A request that is made to see whether others are through. */
export interface Probe {
  readonly range: ReadRange;
  /** When the first that is like it was sent, and not answered; or now. */
  readonly sinceMs: number;
}

/** Nor is it shorter where the time-out is: gateways and slow devices have queues. */
const MIN_WAIT_MS = 1000;
/** Even where answers were seen later than this, no request waits longer for them. */
const MAX_WAIT_MS = 30_000;
/** Radio links stand still for some seconds, and what was sent before comes then all at once. */
const MIN_DOUBT_MS = 10_000;
const DOUBT_TIMEOUTS = 4;
/** What is asked in doubt, in this order. */
const PROBES: readonly RegisterType[] = ["input", "holding", "discrete", "coil"];

/**
 * Requests given up. Frames of serial lines bear no number: the late answer to one of these looks like the answer to
 * another request of the same unit, function and length. Such a request has to wait until the late answer came, or one
 * more time-out has passed (a second at least), or twice the longest that an answer was seen to take. After that the
 * late answer is unlikely, and still possible: for four more time-outs (ten seconds at least) a request of another
 * function comes first. A device answers in the order of the requests: when it answers that one, what was asked before
 * is through.
 */
export class Abandoned {
  readonly #timeoutMs: number;
  #entries: Entry[] = [];
  /** By unit: the longest that an answer was seen to take which came too late. */
  readonly #longestMs = new Map<number, number>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** @returns until when requests that look like it have to wait */
  add(range: ReadRange, sentMs: number, deadlineMs: number): number {
    const longestMs = this.#longestMs.get(range.slaveId) ?? 0;
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, this.#timeoutMs, 2 * longestMs));
    const untilMs = deadlineMs + waitMs;
    const doubtUntilMs = untilMs + Math.max(MIN_DOUBT_MS, DOUBT_TIMEOUTS * this.#timeoutMs);
    const others = this.#entries.filter((entry) => entry.doubtUntilMs > deadlineMs);
    this.#entries = [...others, { range, sentMs, untilMs, doubtUntilMs }];
    return untilMs;
  }

  /** `range`, asked at `sentMs`, was answered with values: what its unit was asked before is through. */
  answered(range: ReadRange, sentMs: number): void {
    this.#entries = this.#entries.filter((entry) =>
      entry.range.slaveId !== range.slaveId || entry.sentMs >= sentMs || looksAlike(entry.range, range)
    );
  }

  /** The probe was answered: what was asked before the first that is like it is through. */
  proven({ range, sinceMs }: Probe): void {
    this.#entries = this.#entries.filter((entry) =>
      entry.range.slaveId !== range.slaveId || entry.sentMs >= sinceMs || isSame(entry.range, range)
    );
  }

  /** Whether a late answer to another request could still be taken for the answer to `range`. */
  isDoubtful(range: ReadRange, nowMs: number): boolean {
    return this.#entries.some((entry) =>
      entry.doubtUntilMs > nowMs && !isSame(entry.range, range) && looksAlike(entry.range, range)
    );
  }

  /**
   * A request whose answer, values or exception, can be taken for no other's but its own like. Undefined where answers
   * of all four functions of that unit may still come.
   */
  probeFor({ slaveId, start }: ReadRange, nowMs: number): Probe | undefined {
    const open = this.#entries.filter(({ range, doubtUntilMs }) => range.slaveId === slaveId && doubtUntilMs > nowMs);
    for (const registerType of PROBES) {
      const range = { slaveId, registerType, start, count: 1 };
      const ofType = open.filter((entry) => entry.range.registerType === registerType);
      if (!ofType.every((entry) => isSame(entry.range, range))) continue;
      return { range, sinceMs: Math.min(nowMs, ...ofType.map(({ sentMs }) => sentMs)) };
    }
  }

  /** The same request was answered: which of the two that was nobody can tell, so the other may come still. */
  again(range: ReadRange, sentMs: number, nowMs: number): void {
    const twins = this.#entries.filter((entry) => isSame(entry.range, range) && entry.doubtUntilMs > nowMs);
    this.#entries = this.#entries.filter((entry) => !twins.includes(entry));
    for (const _twin of twins) this.add(range, sentMs, nowMs);
  }

  /** Until when an answer to `range` could be taken for another's: a time that is over where there is no such danger. */
  clashUntilMs(range: ReadRange): number {
    const clashes = this.#entries.filter((entry) => !isSame(entry.range, range) && looksAlike(entry.range, range));
    return Math.max(0, ...clashes.map((entry) => entry.untilMs));
  }

  /**
   * The request given up that `frame` may answer is settled by it: of several the oldest, so that none is forgotten whose
   * answer is still to come. @returns how long the answer took at the least; undefined where it answers none
   */
  settle(frame: LineFrame, nowMs: number): { range: ReadRange; afterMs: number } | undefined {
    const entries = this.#entries.filter((each) => each.doubtUntilMs > nowMs && isAnswer(frame, each.range));
    const [oldest] = entries;
    const newest = entries.at(-1);
    if (!oldest || !newest) return undefined;
    const { range } = oldest;
    const afterMs = nowMs - newest.sentMs;
    this.#longestMs.set(range.slaveId, Math.max(afterMs, this.#longestMs.get(range.slaveId) ?? 0));
    this.#entries = this.#entries.filter((each) => each !== oldest);
    return { range, afterMs };
  }

  /** Whether an exception may answer another request than `range`. */
  isUnsure(range: ReadRange, nowMs: number): boolean {
    return this.#entries.some((entry) =>
      entry.untilMs > nowMs && !isSame(entry.range, range) && entry.range.slaveId === range.slaveId &&
      entry.range.registerType === range.registerType
    );
  }
}

/** Whether `frame` can be the answer to `range`. */
export function isAnswer({ unitId, functionCode, data }: LineFrame, range: ReadRange): boolean {
  const asked = FUNCTION[range.registerType];
  if (unitId !== range.slaveId) return false;
  if (functionCode === (asked | EXCEPTION_FLAG)) return true;
  return functionCode === asked && data.length === 1 + dataBytesOf(range) && data[0] === dataBytesOf(range);
}

function isSame(a: ReadRange, b: ReadRange): boolean {
  return looksAlike(a, b) && a.start === b.start && a.count === b.count;
}
