import type { Row } from "../core/reading.ts";
import { Condition } from "../lib/condition.ts";
import type { PendingReceipt } from "./receipt.ts";

/** Rows that one source handed over at one moment, on their way through one lane. */
export interface Segment {
  readonly rows: readonly Row[];
  readonly source: string;
  readonly isWithheld: boolean;
  readonly receipt: PendingReceipt;
  readonly acceptedAtMs: number;
  /** Event times of the earliest and latest reading in it, microseconds since 1970-01-01 UTC. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Index of the first row that is still here: those before it were acknowledged or dropped. */
  first: number;
  /** `seq` of rows behind `first` that are not here any more: they became dead letters. */
  readonly gone: Set<number>;
  isSent: boolean;
  previous?: Segment | undefined;
  next?: Segment | undefined;
}

/** The rows of a segment that are still here. */
export function liveRows(segment: Segment): readonly Row[] {
  if (segment.first === 0 && segment.gone.size === 0) return segment.rows;
  return segment.rows.filter((row, i) => i >= segment.first && !segment.gone.has(row.seq));
}

export function liveCount(segment: Segment): number {
  return segment.rows.length - segment.first - segment.gone.size;
}

/** Moves the start of a segment on to the row at `end`, and returns the rows passed that were still here. */
export function takeUntil(segment: Segment, end: number): Row[] {
  const passed = segment.rows.slice(segment.first, end);
  segment.first = end;
  return segment.gone.size === 0 ? passed : passed.filter((row) => !segment.gone.delete(row.seq));
}

/**
 * One lane's unacknowledged segments, linked in `seq` order, with a reading position that can be set back to its
 * start. Segments before the position are sent, the rest are not.
 */
export class LaneQueue {
  readonly arrival = new Condition();
  #head: Segment | undefined;
  #tail: Segment | undefined;
  /** The next segment to be read; undefined: everything was read. */
  #position: Segment | undefined;

  push(segment: Segment): void {
    segment.previous = this.#tail;
    if (this.#tail) this.#tail.next = segment;
    else this.#head = segment;
    this.#tail = segment;
    this.#position ??= segment;
    this.arrival.wake();
  }

  get head(): Segment | undefined {
    return this.#head;
  }

  /** Takes a segment out. Whoever calls it has made sure that nothing in it is needed any more. */
  remove(segment: Segment): void {
    const { previous, next } = segment;
    if (this.#position === segment) this.#position = next;
    if (previous) previous.next = next;
    else this.#head = next;
    if (next) next.previous = previous;
    else this.#tail = previous;
  }

  /** The segment at the reading position, which moves on; undefined where everything was read. */
  read(): Segment | undefined {
    const segment = this.#position;
    this.#position = segment?.next;
    return segment;
  }

  /** Sets the reading position back to the first segment. */
  rewind(): void {
    this.#position = this.#head;
  }

  *segments(): Iterable<Segment> {
    for (let each = this.#head; each; each = each.next) yield each;
  }

  /** The first unsent segment that is as wanted. */
  findUnsent(isWanted: (segment: Segment) => boolean): Segment | undefined {
    let each = this.#position;
    while (each && !isWanted(each)) each = each.next;
    return each;
  }
}
