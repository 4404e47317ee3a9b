import { type Row, type Rows, totalSizeOf } from "../core/reading.ts";

/** These rows, one part behind the other. */
export function joinRows(parts: readonly Rows[]): Rows {
  const [only] = parts;
  return only && parts.length === 1 ? only : new JoinedRows(parts);
}

class JoinedRows implements Rows {
  readonly #parts: readonly Rows[];
  readonly length: number;
  readonly totalSize: number;

  constructor(parts: readonly Rows[]) {
    this.#parts = parts;
    this.length = parts.reduce((sum, part) => sum + part.length, 0);
    this.totalSize = parts.reduce((sum, part) => sum + totalSizeOf(part), 0);
  }

  at(index: number): Row | undefined {
    let rest = index < 0 ? this.length + index : index;
    if (rest < 0) return undefined;
    for (const part of this.#parts) {
      if (rest < part.length) return part.at(rest);
      rest -= part.length;
    }
    return undefined;
  }

  slice(start: number, end = this.length): Rows {
    const parts: Rows[] = [];
    let before = 0;
    for (const part of this.#parts) {
      const from = Math.max(0, start - before);
      const to = Math.min(part.length, end - before);
      if (from < to) parts.push(part.slice(from, to));
      before += part.length;
    }
    return joinRows(parts);
  }

  [Symbol.iterator](): Iterator<Row> {
    return new JoinedIterator(this.#parts);
  }
}

/** Written out: a generator costs several times as much per row. */
class JoinedIterator implements Iterator<Row> {
  readonly #parts: readonly Rows[];
  #next = 0;
  #current: Iterator<Row> | undefined;

  constructor(parts: readonly Rows[]) {
    this.#parts = parts;
  }

  next(): IteratorResult<Row> {
    while (true) {
      const result = this.#current?.next();
      if (result && !result.done) return result;
      const part = this.#parts[this.#next++];
      if (!part) return { done: true, value: undefined };
      this.#current = part[Symbol.iterator]();
    }
  }
}
