import { dataBytesOf, EXCEPTION_FLAG, FUNCTION, looksAlike, type ReadRange } from "../pdu.ts";
import type { LineFrame } from "./framing.ts";

/** A request given up whose answer may still come. Times are monotonic. */
interface Entry {
  readonly range: ReadRange;
  readonly sentMs: number;
  readonly untilMs: number;
}

/** Nor is it shorter where the time-out is: gateways and slow devices have queues. */
const MIN_WAIT_MS = 1000;
/** Even where answers were seen later than this, no request waits longer for them. */
const MAX_WAIT_MS = 30_000;

/**
 * Requests given up. Frames of serial lines bear no number: the late answer to one of these looks like the answer to
 * another request of the same unit, function and length. Such a request has to wait until the late answer came, or can
 * be expected no more: one more time-out (a second at least), or twice the longest that an answer was seen to take.
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
    this.#entries = [...this.#entries.filter((entry) => entry.untilMs > deadlineMs), { range, sentMs, untilMs }];
    return untilMs;
  }

  /** The same request was answered: which of the two that was nobody can tell, so the other may come still. */
  again(range: ReadRange, sentMs: number, nowMs: number): void {
    const twins = this.#entries.filter((entry) => isSame(entry.range, range) && entry.untilMs > nowMs);
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
    const entries = this.#entries.filter((each) => each.untilMs > nowMs && isAnswer(frame, each.range));
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
