import type { BronzeField, BronzeType } from "./message.ts";

/** A column of the target table, as Unity Catalog describes it. */
export interface TableColumn {
  readonly name: string;
  /** SQL type, `bigint` or `varchar(20)`, in either case. */
  readonly type: string;
  readonly isNullable: boolean;
}

/**
 * Which column types hold a field's values without conversion on the wire, and how the descriptor then declares the
 * field. int32 and int64 are the same on the wire, so an int32 may fill a BIGINT; a double cannot fill a FLOAT.
 * From docs.databricks.com, "Zerobus Ingest connector", supported data types.
 */
const FITTING: Readonly<Record<BronzeType, Readonly<Record<string, BronzeType>>>> = {
  int32: { TINYINT: "int32", SMALLINT: "int32", INT: "int32", BIGINT: "int64" },
  int64: { BIGINT: "int64", TIMESTAMP: "int64", TIMESTAMP_NTZ: "int64" },
  double: { DOUBLE: "double" },
  string: { STRING: "string", VARCHAR: "string", CHAR: "string" },
  bool: { BOOLEAN: "bool" },
  bytes: { BINARY: "bytes" },
};

/** Fields whose text is JSON: these alone can stand in a VARIANT. */
const JSON_FIELDS: ReadonlySet<string> = new Set(["labels"]);

/** Times in microseconds, better as a TIMESTAMP than as a number. */
const TIME_FIELDS: ReadonlySet<string> = new Set(["event_time", "ingest_time", "source_time", "server_time"]);

const PREFERRED: Readonly<Record<BronzeType, string>> = {
  int32: "INT",
  int64: "BIGINT",
  double: "DOUBLE",
  string: "STRING",
  bool: "BOOLEAN",
  bytes: "BINARY",
};

/** The type's name without its parameters, in capitals: `VARCHAR` of `varchar(20)`. */
export function baseType(columnType: string): string {
  return columnType.toUpperCase().replace(/\s*\(.*$/, "").trim();
}

/** How the descriptor declares `field` for a column of this type; undefined when the column cannot hold it. */
export function fieldTypeFor(field: BronzeField, columnType: string): BronzeType | undefined {
  const base = baseType(columnType);
  if (base === "VARIANT") return JSON_FIELDS.has(field.name) ? "string" : undefined;
  return FITTING[field.type][base];
}

/** The column type that a new column for `field` should have. */
export function preferredColumnType(field: BronzeField): string {
  return TIME_FIELDS.has(field.name) ? "TIMESTAMP" : PREFERRED[field.type];
}
