import type { RecordField } from "./descriptor.ts";
import { schemaRefused } from "./status.ts";
import type { StoredRow, StoredValue } from "./table.ts";
import { decodeText, WireReader } from "./wire_reader.ts";

/** Reads one record. @throws {Refused} INVALID_ARGUMENT when it does not fit */
export type ReadRecord = (bytes: Uint8Array) => StoredRow;

/** The wire type that each protobuf type stands in. */
const WIRE_TYPE = { double: 1, float: 5, int64: 0, int32: 0, bool: 0, string: 2, bytes: 2 } as const;

/** A reader for records of these fields. A field that stands twice counts as it stands last; one that is unknown is refused. */
export function recordReader(fields: readonly RecordField[]): ReadRecord {
  const byNumber: (RecordField | undefined)[] = [];
  for (const field of fields) byNumber[field.number] = field;
  const required = fields.filter((field) => field.isRequired);
  const reader = new WireReader();
  return (bytes) => {
    const row: StoredRow = {};
    try {
      reader.reset(bytes);
      while (reader.next()) readField(reader, byNumber[reader.number], row);
    } catch (error) {
      throw error instanceof RangeError ? schemaRefused(`a record cannot be decoded: ${error.message}`) : error;
    }
    for (const { column } of required) {
      if (row[column] === undefined) {
        throw schemaRefused(`a record has no value for column ${column}, which is NOT NULL`);
      }
    }
    return row;
  };
}

function readField(reader: WireReader, field: RecordField | undefined, row: StoredRow): void {
  if (!field) throw new RangeError(`field ${reader.number} is not in the descriptor`);
  if (reader.wireType !== WIRE_TYPE[field.type]) {
    throw new RangeError(`field ${field.column} has wire type ${reader.wireType}`);
  }
  const value = readValue(reader, field);
  const why = field.check?.(value);
  if (why !== undefined) throw schemaRefused(`column ${field.column}: ${why}`);
  row[field.column] = value;
}

function readValue(reader: WireReader, { type, column }: RecordField): StoredValue {
  switch (type) {
    case "int64":
    case "int32":
      return reader.int64();
    case "double":
      return reader.double();
    case "float":
      return reader.float();
    case "bool":
      return reader.int64() !== 0;
    case "bytes":
      return reader.bytes().slice();
    case "string":
      return textOf(reader, column);
    default:
      return type satisfies never;
  }
}

function textOf(reader: WireReader, column: string): string {
  const bytes = reader.bytes();
  try {
    return decodeText(bytes);
  } catch {
    throw new RangeError(`column ${column} holds no valid UTF-8`);
  }
}
