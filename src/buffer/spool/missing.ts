import type { Entry } from "./store.ts";

/** What the store says under `["missing", table, firstSeq]`. */
export interface MissingRecord {
  readonly lastSeq: number;
  readonly reason: string;
  readonly timeUs: number;
}

interface Noted extends MissingRecord {
  readonly firstSeq: number;
}

/**
 * Numbers that were given to rows, or passed over, and will not arrive at their table. Whoever looks for gaps there
 * takes them out, so that what is left is a loss. Neighbours with the same reason are one range.
 */
export class Missing {
  /** Per table's number and reason, the range noted last. */
  readonly #last = new Map<string, Noted>();
  readonly #changed = new Map<string, Entry>();

  /** `table`: the number of its name. Both ends belong to the range; an empty one is passed over. */
  note(table: number, { firstSeq, lastSeq, reason, timeUs }: Noted): void {
    if (lastSeq < firstSeq) return;
    const name = `${table} ${reason}`;
    const last = this.#last.get(name);
    const range = last && firstSeq === last.lastSeq + 1 ? { ...last, lastSeq } : { firstSeq, lastSeq, reason, timeUs };
    this.#last.set(name, range);
    const { firstSeq: from, ...value } = range;
    this.#changed.set(`${name} ${from}`, { key: ["missing", table, from, reason], value });
  }

  /** Ranges that the store does not know yet. */
  get changes(): number {
    return this.#changed.size;
  }

  /** What the store does not say yet. */
  takeChanged(): Entry[] {
    const entries = [...this.#changed.values()];
    this.#changed.clear();
    return entries;
  }
}
