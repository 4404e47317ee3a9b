import { ConfigError } from "../core/error.ts";
import { encodeDescriptor, type PlannedField } from "./descriptor.ts";
import type { BronzeField, BronzeMessage } from "./message.ts";
import { type Project, projection } from "./projection.ts";
import { type Check, rowChecks } from "./row_check.ts";
import { fieldTypeFor, preferredColumnType, type TableColumn } from "./table_column.ts";

export type { TableColumn } from "./table_column.ts";

/** How rows of one message go into one table. */
export interface TablePlan {
  /** Serialized `google.protobuf.DescriptorProto` of one self-contained message. */
  readonly descriptor: Uint8Array;
  /** The columns that are filled, in table order. */
  readonly columns: readonly string[];
  /** Leaves out what the table has no column for. */
  readonly project: Project;
  /** Why the table cannot hold this row, for the end of a sentence; undefined when it can. */
  readonly misfit: (row: Uint8Array) => string | undefined;
}

/**
 * The plan for a table whose columns are known: the fields that both sides have, in table order, with our numbers.
 * Column names match in either case, as they do in SQL.
 * @throws {ConfigError} naming a column that cannot be filled, both types, and the ALTER TABLE that helps
 */
export function planTable<R>(table: string, columns: readonly TableColumn[], message: BronzeMessage<R>): TablePlan {
  const fields = new Map(message.fields.map((field) => [field.name.toLowerCase(), field]));
  const planned: PlannedField[] = [];
  const checks: Check[] = [];
  for (const column of columns) {
    const field = fields.get(column.name.toLowerCase());
    if (field) planned.push(planColumn(table, column, field));
    else if (!column.isNullable) throw cannotFill(table, column, message.name);
    if (field) checks.push(...rowChecks(column, field));
  }
  if (planned.length === 0) throw nothingInCommon(table, message);
  return assemble(message, planned, checks);
}

/** The plan for a table that may not be read: the published bronze columns, no extras. */
export function planBundled<R>(message: BronzeMessage<R>): TablePlan {
  const planned = message.fields.filter((field) => field.isPublished)
    .map(({ name, number, type }) => ({ name, number, type, isRequired: false }));
  return assemble(message, planned, []);
}

function assemble<R>(message: BronzeMessage<R>, planned: readonly PlannedField[], checks: readonly Check[]): TablePlan {
  const keep = new Set(planned.map((field) => field.number));
  const isWhole = message.fields.every((field) => keep.has(field.number));
  return {
    descriptor: encodeDescriptor(message.name, planned),
    columns: planned.map((field) => field.name),
    project: isWhole ? (row) => row : projection(keep),
    misfit: misfitBy(checks),
  };
}

function misfitBy(checks: readonly Check[]): TablePlan["misfit"] {
  if (checks.length === 0) return () => undefined;
  return (row) => {
    for (const check of checks) {
      const reason = check(row);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
}

function planColumn(table: string, column: TableColumn, field: BronzeField): PlannedField {
  const type = fieldTypeFor(field, column.type);
  if (!type) throw doesNotFit(table, column, field);
  return { name: column.name, number: field.number, type, isRequired: !column.isNullable };
}

function doesNotFit(table: string, column: TableColumn, field: BronzeField): ConfigError {
  const wanted = preferredColumnType(field);
  return new ConfigError(
    "column_type",
    `Column ${column.name} of ${table} is ${column.type.toUpperCase()}, and the connector's ${field.name} is ${field.type}, ` +
      `which needs ${wanted}. ${remedy(table, column, wanted)}`,
  );
}

/** Delta widens these in place ("Type widening"); other types take a new column. */
const WIDENED: Readonly<Record<string, readonly string[]>> = {
  BIGINT: ["TINYINT", "SMALLINT", "INT"],
  DOUBLE: ["FLOAT"],
};

function remedy(table: string, column: TableColumn, wanted: string): string {
  if (WIDENED[wanted]?.includes(column.type.toUpperCase())) {
    return `Run: ALTER TABLE ${table} ALTER COLUMN ${column.name} TYPE ${wanted} (with type widening enabled).`;
  }
  return `Run: ALTER TABLE ${table} RENAME COLUMN ${column.name} TO ${column.name}_old; ` +
    `ALTER TABLE ${table} ADD COLUMN ${column.name} ${wanted}.`;
}

function cannotFill(table: string, column: TableColumn, message: string): ConfigError {
  return new ConfigError(
    "column_not_null",
    `Column ${column.name} of ${table} is ${column.type.toUpperCase()} NOT NULL, and ${message} has no field to fill it. ` +
      `Run: ALTER TABLE ${table} ALTER COLUMN ${column.name} DROP NOT NULL.`,
  );
}

function nothingInCommon<R>(table: string, message: BronzeMessage<R>): ConfigError {
  const columns = message.fields.filter((field) => field.isPublished)
    .map((field) => `${field.name} ${preferredColumnType(field)}`).join(", ");
  return new ConfigError(
    "columns_missing",
    `Table ${table} has none of the columns of ${message.name}. Run: ALTER TABLE ${table} ADD COLUMNS (${columns}).`,
  );
}
