import type { DatabaseSync } from "node:sqlite";
import { quoted } from "./table.ts";

/** Rows deleted in one step: some milliseconds of work. */
const ROWS_PER_STEP = 1000;
/** Pages that one step gives back to the file system. */
const PAGES_PER_STEP = 500;
/** After reaching the limit, rows are deleted until so much of it is taken. */
const LOW_MARK = 0.95;
/** Free pages are kept for the next rows, up to this part of the limit. */
const MAX_FREE = 0.1;

/** Keeps the rows of a database within a size. Sizes are in bytes. */
export class SizeLimit {
  readonly #db: DatabaseSync;
  readonly #maxBytes: number;
  readonly #pruned: (table: string, count: number) => void;
  readonly #pageBytes: number;

  constructor(db: DatabaseSync, maxBytes: number, pruned: (table: string, count: number) => void) {
    this.#db = db;
    this.#maxBytes = maxBytes;
    this.#pruned = pruned;
    this.#pageBytes = pragma(db, "page_size");
  }

  get isExceeded(): boolean {
    return this.#usedBytes > this.#maxBytes;
  }

  /** Deletes the oldest rows until the low mark, then gives pages back: a step per turn, so that others can run between. */
  *prune(): Generator<void> {
    while (this.#usedBytes > this.#maxBytes * LOW_MARK) {
      const table = this.#largest();
      if (table === undefined) break;
      this.#deleteOldest(table);
      yield;
    }
    while (this.#freeBytes > this.#maxBytes * MAX_FREE) {
      this.#db.exec(`PRAGMA incremental_vacuum(${PAGES_PER_STEP})`);
      yield;
    }
  }

  #deleteOldest(table: string): void {
    const name = quoted(table);
    const oldest = `SELECT rowid FROM ${name} ORDER BY rowid LIMIT ${ROWS_PER_STEP}`;
    const { changes } = this.#db.prepare(`DELETE FROM ${name} WHERE rowid IN (${oldest})`).run();
    this.#pruned(table, Number(changes));
  }

  /** The table with most rows; undefined when all are empty. */
  #largest(): string | undefined {
    let largest: { name: string; rows: number } | undefined;
    for (const { name } of this.#db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
      const rows = this.#span(String(name));
      if (rows > (largest?.rows ?? 0)) largest = { name: String(name), rows };
    }
    return largest?.name;
  }

  /** Rows, by the first and last rowid: only the oldest are ever deleted. */
  #span(table: string): number {
    const name = quoted(table);
    const ends = `SELECT (SELECT max(rowid) FROM ${name}) - (SELECT min(rowid) FROM ${name}) + 1 AS rows`;
    return Number(this.#db.prepare(ends).get()?.rows ?? 0);
  }

  get #usedBytes(): number {
    return pragma(this.#db, "page_count") * this.#pageBytes - this.#freeBytes;
  }

  get #freeBytes(): number {
    return pragma(this.#db, "freelist_count") * this.#pageBytes;
  }
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
