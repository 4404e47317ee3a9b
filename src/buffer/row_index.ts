/** Where each row of a pack ends in its memory, and which tag it is of. */
export interface RowIndex {
  readonly length: number;
  endOf(index: number): number | undefined;
  tagOf(index: number): string | undefined;
  /** Gives its memory back: nobody looks at it any more. */
  release(): void;
}

/** Rows that are put in one by one. */
export class GrowingIndex implements RowIndex {
  readonly #ends: number[] = [];
  readonly #tags: string[] = [];

  add(end: number, tag: string): void {
    this.#ends.push(end);
    this.#tags.push(tag);
  }

  get length(): number {
    return this.#ends.length;
  }

  endOf(index: number): number | undefined {
    return this.#ends[index];
  }

  tagOf(index: number): string | undefined {
    return this.#tags[index];
  }

  release(): void {/* the collector's */}
}

/** Rows that are made already, and which of `tags` each is of. */
export interface MadeRows {
  readonly length: number;
  /** Each tag once. */
  readonly tags: readonly string[];
  sizeOf(index: number): number;
  /** A place in `tags`. */
  tagOf(index: number): number;
}

/**
 * Rows that are all there at once. A backlog has hundreds of thousands a second of them, which have become old when they
 * are acknowledged: lists of numbers and texts would wait for the collector's look at old objects, some MB a second.
 */
class FixedIndex implements RowIndex {
  readonly length: number;
  readonly #tags: readonly string[];
  /** Per row its end, and its tag. */
  readonly #places: Uint32Array<ArrayBuffer>;

  /** `start`: where the first row begins. */
  constructor(rows: MadeRows, start: number) {
    this.length = rows.length;
    this.#tags = rows.tags;
    const places = this.#places = new Uint32Array(2 * rows.length);
    let end = start;
    for (let i = 0; i < rows.length; i++) {
      places[2 * i] = end += rows.sizeOf(i);
      places[2 * i + 1] = rows.tagOf(i);
    }
  }

  /** @throws {RangeError} when it was released: the row's memory may be another's by now */
  endOf(index: number): number | undefined {
    if (this.#places.length === 0) throw new RangeError("these rows were released");
    return this.#places[2 * index];
  }

  tagOf(index: number): string | undefined {
    const place = this.#places[2 * index + 1];
    return place === undefined ? undefined : this.#tags[place];
  }

  release(): void {
    this.#places.buffer.transfer(0);
  }
}

/** With fewer rows a piece of memory of its own takes more than lists do. */
const FEW_ROWS = 32;

/** The index of rows that are made already; `start`: where the first begins. */
export function indexOf(rows: MadeRows, start: number): RowIndex {
  if (rows.length >= FEW_ROWS) return new FixedIndex(rows, start);
  const index = new GrowingIndex();
  let end = start;
  for (let i = 0; i < rows.length; i++) index.add(end += rows.sizeOf(i), rows.tags[rows.tagOf(i)] ?? "");
  return index;
}
