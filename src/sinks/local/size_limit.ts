import type { DatabaseSync } from "node:sqlite";
import { quoted } from "./table.ts";

/** Rows deleted in one step: some milliseconds of work. */
const ROWS_PER_STEP = 500;
/** Pages that one step gives back to the file system. */
const PAGES_PER_STEP = 500;
const STEPS_PER_TRANSACTION = 40;
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

  /**
   * Deletes the oldest rows until the low mark, then gives pages back: a step per turn, so that others can run between,
   * and a transaction per some steps, so that SQLite's log stays small. Ending it early undoes the open transaction.
   */
  *prune(): Generator<void> {
    while (this.#usedBytes > this.#maxBytes * LOW_MARK) {
      const deleted = new Map<string, number>();
      yield* this.#transaction(() => this.#deleteOldest(deleted));
      if (deleted.size === 0) break; // nothing left to delete
      for (const [table, count] of deleted) this.#pruned(table, count);
    }
    while (this.#freeBytes > this.#maxBytes * MAX_FREE) {
      yield* this.#transaction(() => this.#shrink());
    }
  }

  /** `step` says whether another one is wanted. */
  *#transaction(step: () => boolean): Generator<void> {
    this.#db.exec("BEGIN IMMEDIATE");
    let isOpen = true;
    try {
      for (let steps = 0; steps < STEPS_PER_TRANSACTION && step(); steps++) yield;
      this.#db.exec("COMMIT");
      isOpen = false;
    } finally {
      if (isOpen) rollBack(this.#db);
    }
  }

  #deleteOldest(deleted: Map<string, number>): boolean {
    const table = this.#largest();
    if (table === undefined) return false;
    const name = quoted(table);
    const end = `(SELECT min(rowid) FROM ${name}) + ${ROWS_PER_STEP}`;
    const { changes } = this.#db.prepare(`DELETE FROM ${name} WHERE rowid < ${end}`).run();
    deleted.set(table, (deleted.get(table) ?? 0) + Number(changes));
    return this.#usedBytes > this.#maxBytes * LOW_MARK;
  }

  #shrink(): boolean {
    this.#db.exec(`PRAGMA incremental_vacuum(${PAGES_PER_STEP})`);
    return this.#freeBytes > this.#maxBytes * MAX_FREE;
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

/** Undoes what is not committed, where there is something. */
export function rollBack(db: DatabaseSync): void {
  try {
    db.exec("ROLLBACK");
  } catch { /* it was closed, or SQLite did it already (sqlite.org/lang_transaction.html, "Response To Errors") */ }
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
