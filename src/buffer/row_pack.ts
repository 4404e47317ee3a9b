import type { Reading, Row, Rows } from "../core/reading.ts";
import type { Arena, Chunk } from "./arena.ts";
import { GrowingIndex, indexOf, type MadeRows, type RowIndex } from "./row_index.ts";

/** What all rows of a pack have in common. */
export interface PackOrigin {
  /** The lane's id. */
  readonly lane: string;
  readonly source: string;
  readonly edgeId: string;
  readonly bootEpoch: number;
}

/** Rows in one piece. */
export interface MadePack {
  readonly bytes: Uint8Array;
  readonly rows: MadeRows;
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * Neighbouring rows of one source as one piece of memory: their bytes stand one behind the other, and their numbers
 * count up without a gap. Per row it holds a tag and an end, no objects: there are tens of thousands on their way.
 */
export class RowPack {
  readonly origin: PackOrigin;
  readonly firstSeq: number;
  /** Event times of the earliest and latest reading in it, microseconds since 1970-01-01 UTC. */
  fromUs = Infinity;
  toUs = -Infinity;
  readonly #arena: Arena;
  readonly #chunk: Chunk;
  readonly #start: number;
  readonly #index: RowIndex;
  /** The same, where rows may be added. */
  readonly #growing: GrowingIndex | undefined;

  /**
   * Takes room in `arena`; only one pack of it at a time is filled. `firstBytes`: the length of the first row. `made`: of
   * rows that are made already, see `of`.
   */
  constructor(
    origin: PackOrigin,
    firstSeq: number,
    { arena, firstBytes, made }: { arena: Arena; firstBytes: number; made?: MadePack },
  ) {
    this.origin = origin;
    this.firstSeq = firstSeq;
    this.#arena = arena;
    this.#chunk = arena.enter(firstBytes);
    this.#start = this.#chunk.end;
    if (made) {
      this.#index = indexOf(made.rows, this.#start);
      this.#fill(made.bytes);
    } else this.#index = this.#growing = new GrowingIndex();
  }

  /** A pack of rows whose bytes stand one behind the other already: they are copied at once. */
  static of(origin: PackOrigin, firstSeq: number, { arena, made }: { arena: Arena; made: MadePack }): RowPack {
    const pack = new RowPack(origin, firstSeq, { arena, firstBytes: made.bytes.length, made });
    pack.fromUs = made.fromUs;
    pack.toUs = made.toUs;
    return pack;
  }

  #fill(bytes: Uint8Array): void {
    this.#chunk.bytes.set(bytes, this.#start);
    this.#chunk.end += bytes.length;
  }

  /** Gives the memory back: nobody looks at a row of it any more. */
  release(): void {
    if (this.#arena.isReused) this.#index.release();
    this.#arena.leave(this.#chunk);
  }

  get length(): number {
    return this.#index.length;
  }

  /** Adds a row, with a copy of the bytes. Says whether there was room for them. */
  add({ tag, eventTimeUs }: Reading, bytes: Uint8Array): boolean {
    const chunk = this.#chunk;
    if (!this.#growing || chunk.end + bytes.length > chunk.bytes.length) return false;
    chunk.bytes.set(bytes, chunk.end);
    chunk.end += bytes.length;
    this.#growing.add(chunk.end, tag);
    if (eventTimeUs < this.fromUs) this.fromUs = eventTimeUs;
    if (eventTimeUs > this.toUs) this.toUs = eventTimeUs;
    return true;
  }

  /** The rows with these indexes, `end` left out. */
  rows(start: number, end: number): Rows {
    return new PackedRows(this, start, end);
  }

  /** Bytes of the rows from index `start` to `end`, which is left out. */
  bytesIn(start: number, end: number): number {
    return this.#offset(end) - this.#offset(start);
  }

  /** The bytes of these rows, one behind the other, as long as nobody releases the pack. */
  bytesBetween(start: number, end: number): Uint8Array {
    return this.#chunk.bytes.subarray(this.#offset(start), this.#offset(end));
  }

  tagOf(index: number): string {
    return this.#index.tagOf(index) ?? "";
  }

  bytesOf(index: number): Uint8Array {
    const start = this.#offset(index);
    return this.#chunk.bytes.subarray(start, this.#offset(index + 1));
  }

  /** Where the row with this index begins. */
  #offset(index: number): number {
    return index === 0 ? this.#start : this.#index.endOf(index - 1) ?? this.#start;
  }
}

/** Some rows of a pack. */
class PackedRows implements Rows {
  readonly #pack: RowPack;
  readonly #start: number;
  readonly #end: number;

  constructor(pack: RowPack, start: number, end: number) {
    this.#pack = pack;
    this.#start = start;
    this.#end = Math.max(start, end);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  get totalSize(): number {
    return this.#pack.bytesIn(this.#start, this.#end);
  }

  at(index: number): Row | undefined {
    const at = index < 0 ? this.#end + index : this.#start + index;
    return at >= this.#start && at < this.#end ? new PackedRow(this.#pack, at) : undefined;
  }

  slice(start: number, end = this.length): Rows {
    return new PackedRows(
      this.#pack,
      this.#start + Math.min(start, this.length),
      this.#start + Math.min(end, this.length),
    );
  }

  [Symbol.iterator](): Iterator<Row> {
    return new PackedIterator(this.#pack, this.#start, this.#end);
  }
}

/** Written out: a generator costs several times as much per row. */
class PackedIterator implements Iterator<Row> {
  readonly #pack: RowPack;
  readonly #end: number;
  #at: number;

  constructor(pack: RowPack, start: number, end: number) {
    this.#pack = pack;
    this.#at = start;
    this.#end = end;
  }

  next(): IteratorResult<Row> {
    if (this.#at >= this.#end) return { done: true, value: undefined };
    return { done: false, value: new PackedRow(this.#pack, this.#at++) };
  }
}

/** A look at one row of a pack. */
class PackedRow implements Row {
  readonly #pack: RowPack;
  readonly #index: number;

  constructor(pack: RowPack, index: number) {
    this.#pack = pack;
    this.#index = index;
  }

  get lane(): string {
    return this.#pack.origin.lane;
  }

  get source(): string {
    return this.#pack.origin.source;
  }

  get edgeId(): string {
    return this.#pack.origin.edgeId;
  }

  get bootEpoch(): number {
    return this.#pack.origin.bootEpoch;
  }

  get seq(): number {
    return this.#pack.firstSeq + this.#index;
  }

  get tag(): string {
    return this.#pack.tagOf(this.#index);
  }

  get size(): number {
    return this.#pack.bytesIn(this.#index, this.#index + 1);
  }

  /** Made anew each time, in memory that is used again once the row is acknowledged: whoever keeps them keeps a copy. */
  get bytes(): Uint8Array {
    return this.#pack.bytesOf(this.#index);
  }
}
