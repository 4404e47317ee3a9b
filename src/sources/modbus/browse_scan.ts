import { isAboutExtent } from "./exception_code.ts";
import type { Outcome } from "./outcome.ts";
import type { ReadRange } from "./pdu.ts";
import { isBitTable } from "./plan.ts";

/** What one address held. `timeUs` is in microseconds since 1970-01-01 UTC. */
export interface Scanned {
  readonly value: number;
  readonly timeUs: number;
}

/** Which addresses of a table to look at. */
export interface ScanRange extends Omit<ReadRange, "start" | "count"> {
  /** Protocol addresses, both included. */
  readonly first: number;
  readonly last: number;
}

export interface ScanLimits {
  /** The most addresses in one request. */
  readonly chunk: number;
  /** The most values to find. */
  readonly values: number;
  /** The most requests: in a table full of holes each address is one. */
  readonly requests: number;
}

type Piece = Pick<ReadRange, "start" | "count">;

/** Looks at addresses from the left, in halves of halves where the device refuses more, until a limit is reached. */
export class BrowseScan {
  /** By address. */
  readonly values = new Map<number, Scanned>();
  readonly #range: ScanRange;
  readonly #limits: ScanLimits;
  #pieces: Piece[] = [];
  #requests = 0;
  /** The first address that was not looked at. */
  at: number;

  constructor(range: ScanRange, limits: ScanLimits) {
    this.#range = range;
    this.#limits = limits;
    this.at = range.first;
  }

  get isAtEnd(): boolean {
    return this.at > this.#range.last;
  }

  /** What to read next; undefined when there is no more to look at, or a limit is reached. */
  next(): ReadRange | undefined {
    const { values, requests, chunk } = this.#limits;
    const left = values - this.values.size;
    if (this.isAtEnd || left <= 0 || this.#requests >= requests) return undefined;
    const { slaveId, registerType, last } = this.#range;
    const [{ start, count } = { start: this.at, count: Math.min(chunk, last - this.at + 1) }] = this.#pieces;
    return { slaveId, registerType, start, count: Math.min(count, left) };
  }

  /** What `range` of `next` gave. */
  take(range: ReadRange, outcome: Outcome): void {
    const [, ...rest] = this.#pieces;
    this.#requests++;
    if (outcome.kind === "exception" && isAboutExtent(outcome.code) && range.count > 1) {
      this.#pieces = [...halved(range), ...rest];
      return;
    }
    if (outcome.kind === "data") this.#put(range, outcome);
    this.#pieces = rest;
    this.at = range.start + range.count;
  }

  #put({ registerType, start, count }: ReadRange, { data, arrivedUs }: Extract<Outcome, { kind: "data" }>): void {
    const isBits = isBitTable(registerType);
    for (let index = 0; index < count; index++) {
      const value = isBits ? (data.getUint8(index >> 3) >> (index & 7)) & 1 : data.getUint16(2 * index);
      this.values.set(start + index, { value, timeUs: arrivedUs });
    }
  }
}

function halved({ start, count }: Piece): Piece[] {
  const left = count >> 1;
  return [{ start, count: left }, { start: start + left, count: count - left }];
}
