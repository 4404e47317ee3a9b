import { scalarFor, valueCheck } from "./column_type.ts";
import { schemaRefused } from "./status.ts";
import type { Column, StoredRow, StoredValue, Table } from "./table.ts";
import type { ReadRecord } from "./record.ts";

/** A reader for records that are JSON objects by column name (RECORD_TYPE JSON). `BINARY` stands in base64. */
export function jsonRecordReader(table: Table): ReadRecord {
  const columns = new Map(table.columns.map((column) => [column.name.toLowerCase(), column]));
  const required = table.columns.filter((column) => column.isNullable === false);
  return (bytes) => {
    const row: StoredRow = {};
    for (const [name, value] of Object.entries(parseObject(bytes))) {
      const column = columns.get(name.toLowerCase());
      if (!column) throw schemaRefused(`table ${table.name} has no column ${name}`);
      if (value !== null) row[column.name] = readValue(column, value);
    }
    for (const { name } of required) {
      if (row[name] === undefined) throw schemaRefused(`a record has no value for column ${name}, which is NOT NULL`);
    }
    return row;
  };
}

function parseObject(bytes: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // said below
  }
  throw schemaRefused("a record is no JSON object");
}

function readValue(column: Column, value: unknown): StoredValue {
  const read = convert(column, value);
  if (read === undefined) {
    throw schemaRefused(`column ${column.name} is ${column.type.toUpperCase()}: ${JSON.stringify(value)} does not fit`);
  }
  const why = valueCheck(column.type)?.(read);
  if (why !== undefined) throw schemaRefused(`column ${column.name}: ${why}`);
  return read;
}

function convert(column: Column, value: unknown): StoredValue | undefined {
  switch (scalarFor(column.type)) {
    case "int32":
    case "int64":
      return Number.isSafeInteger(value) ? value as number : undefined; // isSafeInteger is true for numbers only
    case "double":
    case "float":
      return typeof value === "number" ? value : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "string":
      return typeof value === "string" ? value : undefined;
    case "bytes":
      return typeof value === "string" ? fromBase64(value) : undefined;
    case undefined:
      return undefined;
  }
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}
