import { Missing, type MissingRecord } from "./missing.ts";
import { isSeq } from "./plain_records.ts";
import type { Finds } from "./salvage_finds.ts";
import type { Entry } from "./store.ts";

/** Numbers of a table, both ends included. */
interface Range {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Finds the numbers that were given to rows which are lost: whoever looks for gaps in a table is to know them. */
export class Gaps {
  /** Per table's number, what is accounted for. */
  readonly #known = new Map<number, Range[]>();

  /** Begins with what the spool itself said would not arrive. */
  constructor(finds: Finds) {
    for (const { key: [, table, firstSeq], value } of finds.records("missing")) {
      const { lastSeq } = (value ?? {}) as Partial<MissingRecord>; // of any shape: numbers are asked for
      this.account(Number(table), { firstSeq: Number(firstSeq), lastSeq: Number(lastSeq) });
    }
  }

  /** Rows that were found, or acknowledged. */
  account(table: number, range: Range): void {
    if (!isSeq(range.firstSeq) || !isSeq(range.lastSeq)) return;
    const known = this.#known.get(table);
    if (known) known.push(range);
    else this.#known.set(table, [range]);
  }

  /** Records of the gaps in what is accounted for, from its start to `lastSeq` of the table. */
  records(lastSeqs: ReadonlyMap<number, number>, timeUs: number): Entry[] {
    const missing = new Missing();
    for (const [table, last] of lastSeqs) {
      const ranges = (this.#known.get(table) ?? []).toSorted((a, b) => a.firstSeq - b.firstSeq);
      let next = ranges[0]?.firstSeq ?? last + 1;
      for (const { firstSeq, lastSeq } of [...ranges, { firstSeq: last + 1, lastSeq: last }]) {
        missing.note(table, { firstSeq: next, lastSeq: firstSeq - 1, reason: "quarantined", timeUs });
        next = Math.max(next, lastSeq + 1);
      }
    }
    return missing.takeChanged();
  }
}
