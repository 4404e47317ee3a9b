import type { DatabaseSync } from "node:sqlite";
import type { BronzeMessage } from "../../bronze/message.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectionError, reasonOf } from "../../core/error.ts";
import type { ReportSink } from "../../core/event.ts";
import type { Lane } from "../../core/lane.ts";
import type { Rows } from "../../core/reading.ts";
import type { RejectedRow, Sink } from "../../core/sink.ts";
import { Breather } from "../../lib/breather.ts";
import { isCorrupt, isForeign, openDatabase, putAside } from "./database_file.ts";
import { localError } from "./local_error.ts";
import { checkLog } from "./log_limit.ts";
import type { Open, OpenTable, TableWriter } from "./open_table.ts";
import { LocalSink } from "./sink.ts";
import { rollBack, SizeLimit } from "./size_limit.ts";
import type { LocalSinkSettings } from "./spec.ts";
import { LocalTable } from "./table.ts";

/** Rows written between two looks at the time. */
const ROWS_PER_LOOK = 50;
/** SQLite's log is moved into the file after so many bytes of rows; it is some times as large. */
const CHECKPOINT_BYTES = 512 * 1024;

export interface LocalDatabaseDeps {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
  readonly reportSink: ReportSink;
}

/**
 * The owner of the local SQLite file: one per process. All lanes share one connection and write one after another, a
 * transaction each; while one writes, the event loop gets its turns.
 */
export class LocalDatabase implements TableWriter, Disposable {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #deps: LocalDatabaseDeps;
  /** One for all writes: many short ones in a row hold up the event loop as one long one does. */
  readonly #breather: Breather;
  /** Bytes of the rows written since the last checkpoint. */
  #loggedBytes = 0;
  #open: Open | undefined;
  #isDisposed = false;
  /** Resolves when everything asked for so far is over. */
  #last: Promise<unknown> = Promise.resolve();

  /** Does not touch the file yet. */
  constructor({ path, max_size_mb }: Pick<LocalSinkSettings, "path" | "max_size_mb">, deps: LocalDatabaseDeps) {
    this.#path = `${deps.home}/${path}`;
    this.#maxBytes = max_size_mb * 1024 * 1024;
    this.#deps = deps;
    this.#breather = new Breather(deps.clock);
  }

  /** The way to a lane's table. */
  sink(lane: Lane, message: BronzeMessage<never>): Sink {
    return new LocalSink(this, lane, message);
  }

  /**
   * Opens the file where it is not open, and in it the table, between two transactions.
   * @throws {EdgeError} @throws the signal's reason, when it aborted while others wrote
   */
  openTable(name: string, message: BronzeMessage<never>, signal: AbortSignal): Promise<OpenTable> {
    return this.#inTurn(() => {
      signal.throwIfAborted();
      const open = this.#opened();
      return { table: LocalTable.open(open.db, name, message), open, isBroken: false };
    });
  }

  /**
   * Writes the rows in one transaction, and returns those that cannot be stored. When it throws, nothing was written,
   * and `target` is broken.
   * @throws {EdgeError} @throws the signal's reason
   */
  write(target: OpenTable, rows: Rows, signal: AbortSignal): Promise<RejectedRow[]> {
    return this.#inTurn(async () => {
      try {
        await this.#checkpoint(target.open);
        this.#check(target, signal);
        checkLog(target.open.db, this.#path, this.#maxBytes);
        this.#loggedBytes += bytesOf(rows);
        return await this.#transact(target, rows, signal);
      } catch (error) {
        target.isBroken = true;
        throw error;
      }
    });
  }

  /** Closes the file. What was not committed is not in it. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#close();
  }

  async #transact(target: OpenTable, rows: Rows, signal: AbortSignal): Promise<RejectedRow[]> {
    const { db, limit } = target.open;
    const breathe = async () => {
      await this.#breather.breathe();
      this.#check(target, signal);
    };
    if (limit.isExceeded) { for (const _step of limit.prune()) await breathe(); }
    db.exec("BEGIN IMMEDIATE");
    try {
      const rejected: RejectedRow[] = [];
      for (let first = 0; first < rows.length; first += ROWS_PER_LOOK) {
        target.table.write(rows.slice(first, first + ROWS_PER_LOOK), rejected);
        await breathe();
      }
      db.exec("COMMIT");
      return rejected;
    } catch (error) {
      rollBack(db);
      throw error;
    }
  }

  /** Moves what was written from SQLite's log into the file, in a turn of its own: both at once would take too long. */
  async #checkpoint({ db }: Open): Promise<void> {
    if (this.#loggedBytes < CHECKPOINT_BYTES) return;
    this.#loggedBytes = 0;
    await this.#breather.breathe();
    if (db === this.#open?.db) db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  }

  #opened(): Open {
    if (this.#isDisposed) throw new ConnectionError("local_file_closed", "The local file was closed");
    return this.#open ??= this.#openFile();
  }

  #openFile(): Open {
    const { reportSink, clock } = this.#deps;
    let db: DatabaseSync;
    try {
      db = openDatabase(this.#deps.home, this.#path);
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      const kept = putAside(this.#path, clock.nowUs());
      reportSink({ kind: "file_replaced", path: this.#path, kept, reason: reasonOf(error) });
      db = openDatabase(this.#deps.home, this.#path);
    }
    const pruned = (table: string, count: number) => reportSink({ kind: "rows_pruned", table, count });
    return { db, limit: new SizeLimit(db, this.#maxBytes, pruned) };
  }

  /** Runs `task` after all that were asked for earlier, and tells its failures in our words. */
  #inTurn<T>(task: () => T | Promise<T>): Promise<T> {
    const outcome = this.#last.then(task).catch((error) => {
      const told = localError(error, this.#path);
      if (isCorrupt(told)) this.#replace(told);
      throw told;
    });
    this.#last = outcome.catch(() => {/* whoever asked for it hears of it */});
    return outcome;
  }

  /** The file turned out to be damaged while it was open: the next `openTable` begins a new one, if it is still SQLite's. */
  #replace(why: unknown): void {
    if (!this.#open) return;
    this.#close();
    if (isForeign(this.#path)) return; // the next one that opens it is told
    const kept = putAside(this.#path, this.#deps.clock.nowUs());
    this.#deps.reportSink({ kind: "file_replaced", path: this.#path, kept, reason: reasonOf(why) });
  }

  #check({ open, isBroken }: OpenTable, signal: AbortSignal): void {
    signal.throwIfAborted();
    if (open !== this.#open) throw new ConnectionError("local_file_closed", "The local file was closed");
    if (isBroken) throw new ConnectionError("local_send_in_doubt", "An earlier send into the local file failed");
  }

  #close(): void {
    this.#open?.db.close();
    this.#open = undefined;
  }
}

function bytesOf(rows: Rows): number {
  let bytes = 0;
  for (const row of rows) bytes += row.bytes.length;
  return bytes;
}
