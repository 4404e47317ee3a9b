import type { Rows } from "../core/reading.ts";
import type { Arena } from "./arena.ts";
import { Condition } from "../lib/condition.ts";
import type { PendingReceipt } from "./receipt.ts";
import type { RowPack } from "./row_pack.ts";

/** What can stand in a `LaneQueue`. */
export interface Linked<T> {
  previous?: T | undefined;
  next?: T | undefined;
  isSent: boolean;
}

/** Rows that one source handed over at one moment, on their way through one lane. */
export interface Segment extends Linked<Segment> {
  readonly pack: RowPack;
  readonly isWithheld: boolean;
  readonly receipt: PendingReceipt;
  readonly acceptedAtMs: number;
  /** Index of the first row that is still here: those before it were acknowledged or dropped. */
  first: number;
  /** `seq` of rows behind `first` that are not here any more: they became dead letters. */
  gone?: Set<number> | undefined;
}

/** The rows of a segment that are still here. */
export function liveRows({ pack, first, gone }: Segment): Rows {
  const rows = pack.rows(first, pack.length);
  return gone ? [...rows].filter((row) => !gone.has(row.seq)) : rows;
}

export function liveCount({ pack, first, gone }: Segment): number {
  return pack.length - first - (gone?.size ?? 0);
}

export function isLive({ pack, first, gone }: Segment, seq: number): boolean {
  return seq >= pack.firstSeq + first && seq < pack.firstSeq + pack.length && !gone?.has(seq);
}

/** How many rows, and how many bytes of them. */
export interface Extent {
  readonly count: number;
  readonly bytes: number;
}

/** Moves the start of a segment on to the row at `end`. Says how many of the rows passed were still here. */
export function takeUntil(segment: Segment, end: number): Extent {
  const { pack, first, gone } = segment;
  segment.first = end;
  let count = end - first;
  let bytes = pack.bytesIn(first, end);
  for (const seq of gone ?? []) {
    const index = seq - pack.firstSeq;
    if (index >= end) continue;
    gone?.delete(seq);
    count--;
    bytes -= pack.bytesIn(index, index + 1);
  }
  return { count, bytes };
}

/**
 * One lane's unacknowledged segments, linked in `seq` order, with a reading position that can be set back to its
 * start. Segments before the position are sent, the rest are not.
 */
export class LaneQueue<T extends Linked<T> = Segment> {
  readonly arrival = new Condition();
  /** Memory of this lane's rows alone: a lane that stands still must not hold the memory of one that flows. */
  readonly arena: Arena;
  #head: T | undefined;
  #tail: T | undefined;
  /** The next segment to be read; undefined: everything was read. */
  #position: T | undefined;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  push(segment: T): void {
    segment.previous = this.#tail;
    if (this.#tail) this.#tail.next = segment;
    else this.#head = segment;
    this.#tail = segment;
    this.#position ??= segment;
    this.arrival.wake();
  }

  get head(): T | undefined {
    return this.#head;
  }

  get tail(): T | undefined {
    return this.#tail;
  }

  /** The segment at the reading position. */
  peek(): T | undefined {
    return this.#position;
  }

  /** Takes a segment out. Whoever calls it has made sure that nothing in it is needed any more. */
  remove(segment: T): void {
    const { previous, next } = segment;
    if (this.#position === segment) this.#position = next;
    if (previous) previous.next = next;
    else this.#head = next;
    if (next) next.previous = previous;
    else this.#tail = previous;
    // A link from a segment that is done would keep all later ones alive until the collector looks at old objects.
    segment.previous = undefined;
    segment.next = undefined;
  }

  /** The segment at the reading position, which moves on; undefined where everything was read. */
  read(): T | undefined {
    const segment = this.#position;
    this.#position = segment?.next;
    return segment;
  }

  /** Sets the reading position back to the first segment. */
  rewind(): void {
    this.#position = this.#head;
  }

  *segments(): Iterable<T> {
    for (let each = this.#head; each; each = each.next) yield each;
  }

  /** The first unsent segment that is as wanted. */
  findUnsent(isWanted: (segment: T) => boolean): T | undefined {
    let each = this.#position;
    while (each && !isWanted(each)) each = each.next;
    return each;
  }
}
