import { createHash } from "node:crypto";
import { Sequences } from "../e2e/sequences.ts";
import type { StoredRow } from "../peers/zerobus/mod.ts";

/** Follows numbered rows into the workspace, and knows every row that ever came by its identity. */
export class Witness {
  readonly #sources = new Map<string, Sequences>();
  /** What was in each row: by table and maker, then by `seq`. */
  readonly #contents = new Map<string, Map<number, number>>();
  readonly #faults: string[] = [];
  /** Rows with an identity of their own. */
  rows = 0;
  /** Rows that came again, each the same as its twin. */
  resent = 0;

  /** For the option `keep` of `startZerobus`. */
  readonly keep = (table: string, row: StoredRow): void => {
    const maker = `${row.edge_id} ${row.boot_epoch}`;
    const known = this.#rowsOf(`${table} ${maker}`);
    const seq = Number(row.seq);
    const content = digest(row);
    const twin = known.get(seq);
    if (twin !== undefined) return this.#compare(twin === content, `${row.topic} ${row.value}, ${maker} ${seq}`);
    known.set(seq, content);
    this.rows++;
    this.of(String(row.source_name)).add(String(row.topic), Number(row.value), `${maker} ${seq}`);
  };

  /** The numbers of a source. Those that came again did so as rows of their own: the device had to send them again. */
  of(source: string): Sequences {
    let sequences = this.#sources.get(source);
    if (!sequences) this.#sources.set(source, sequences = new Sequences());
    return sequences;
  }

  /** Gaps, and twins that differ. */
  get faults(): readonly string[] {
    return [...this.#faults, ...[...this.#sources.values()].flatMap(({ faults }) => faults)];
  }

  /** Who made rows: edge id and boot epoch. */
  get makers(): ReadonlySet<string> {
    return new Set([...this.#contents.keys()].map((key) => key.slice(key.indexOf(" ") + 1)));
  }

  #compare(isSame: boolean, what: string): void {
    this.resent++;
    if (!isSame) this.#faults.push(`${what} came again with other contents`);
  }

  #rowsOf(key: string): Map<number, number> {
    let rows = this.#contents.get(key);
    if (!rows) this.#contents.set(key, rows = new Map());
    return rows;
  }
}

/** 48 bits of all columns. */
function digest(row: StoredRow): number {
  const text = JSON.stringify(row, (_, value) => typeof value === "bigint" ? String(value) : value);
  return createHash("sha256").update(text).digest().readUIntBE(0, 6);
}
