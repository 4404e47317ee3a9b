import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BronzeMessage, BronzeType } from "../../bronze/message.ts";
import { ConfigError, RejectedError } from "../../core/error.ts";
import type { Row, Rows } from "../../core/reading.ts";
import type { RejectedRow } from "../../core/sink.ts";
import { RowValues, type SqlValue } from "./row_values.ts";

type SqlType = "INTEGER" | "REAL" | "TEXT" | "BLOB";

const SQL_TYPE: Readonly<Record<BronzeType, SqlType>> = {
  int32: "INTEGER",
  int64: "INTEGER",
  bool: "INTEGER",
  double: "REAL",
  string: "TEXT",
  bytes: "BLOB",
};

/** A name as an SQL identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The table of one lane, for rows of one message. It is named as in Databricks, `catalog.schema.table`, has the
 * message's columns, and is unique by identity, so that a row that is sent again is stored once.
 */
export class LocalTable {
  readonly #insert: StatementSync;
  readonly #reader: RowValues;
  readonly #values: SqlValue[];

  private constructor(insert: StatementSync, reader: RowValues) {
    this.#insert = insert;
    this.#reader = reader;
    this.#values = Array.from({ length: reader.size }, () => null);
  }

  /**
   * Makes the table, or adds the columns that it lacks.
   * @throws {ConfigError} when a column has another type there, because rows of another protocol share the table
   */
  static open(db: DatabaseSync, name: string, message: BronzeMessage<never>): LocalTable {
    const columns = message.fields.map((field) => `${quoted(field.name)} ${SQL_TYPE[field.type]}`);
    db.exec(`CREATE TABLE IF NOT EXISTS ${quoted(name)} (${columns.join(", ")})`);
    addColumns(db, name, message);
    const index = quoted(`${name} by identity`);
    db.exec(`CREATE UNIQUE INDEX IF NOT EXISTS ${index} ON ${quoted(name)} (edge_id, boot_epoch, seq)`);
    const names = message.fields.map((field) => quoted(field.name)).join(", ");
    const places = message.fields.map(() => "?").join(", ");
    const insert = db.prepare(`INSERT OR IGNORE INTO ${quoted(name)} (${names}) VALUES (${places})`);
    return new LocalTable(insert, new RowValues(message));
  }

  /** Writes rows. What is no message of the table's kind is not written but added to `rejected`, with the reason. */
  write(rows: Rows, rejected: RejectedRow[]): void {
    for (const row of rows) {
      const misfit = this.#read(row);
      if (misfit) rejected.push({ row, reason: misfit });
      else this.#insert.run(...this.#values);
    }
  }

  /** Takes the row apart; returns why that is not possible. */
  #read(row: Row): RejectedError | undefined {
    try {
      this.#reader.fill(this.#values, row);
      return undefined;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const message = `The row of tag ${row.tag} cannot be read back: ${error.message}`;
      return new RejectedError("row_does_not_fit", message, { cause: error });
    }
  }
}

function addColumns(db: DatabaseSync, table: string, message: BronzeMessage<never>): void {
  const present = columnTypes(db, table);
  for (const { name, type } of message.fields) {
    const there = present.get(name);
    const needed = SQL_TYPE[type];
    if (there === undefined) db.exec(`ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(name)} ${needed}`);
    else if (there !== needed) {
      throw new ConfigError(
        "local_column_type",
        `Column ${name} of ${table} is ${there} in the local file, and ${needed} in ${message.name}: ` +
          "give each protocol a table of its own in zerobus.target.tables",
        { path: "zerobus.target" },
      );
    }
  }
}

function columnTypes(db: DatabaseSync, table: string): Map<string, string> {
  const columns = db.prepare("SELECT name, type FROM pragma_table_info(?)").all(table);
  return new Map(columns.map(({ name, type }) => [String(name), String(type)]));
}
