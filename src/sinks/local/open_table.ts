import type { DatabaseSync } from "node:sqlite";
import type { BronzeMessage } from "../../bronze/message.ts";
import type { Rows } from "../../core/reading.ts";
import type { RejectedRow } from "../../core/sink.ts";
import type { SizeLimit } from "./size_limit.ts";
import type { LocalTable } from "./table.ts";

/** A time during which the file was open. */
export interface Open {
  readonly db: DatabaseSync;
  readonly limit: SizeLimit;
}

/** A lane's table, for as long as the file stays open and nothing fails. */
export interface OpenTable {
  readonly table: LocalTable;
  readonly open: Open;
  /** A write to it failed, or its sink was closed: those that wait behind it fail too. */
  isBroken: boolean;
}

/** What a lane needs of the database: see `LocalDatabase`. */
export interface TableWriter {
  openTable(name: string, message: BronzeMessage<never>, signal: AbortSignal): Promise<OpenTable>;
  write(target: OpenTable, rows: Rows, signal: AbortSignal): Promise<RejectedRow[]>;
}
