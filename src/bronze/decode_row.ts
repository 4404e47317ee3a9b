import type { BronzeField, BronzeMessage } from "./message.ts";
import { ProtoReader } from "../lib/proto_reader.ts";

/** A column's value as people and JSON see it: whole numbers beyond 2^53 are bigint. */
export type BronzeValue = number | bigint | boolean | string | Uint8Array;

/** Reads a bronze message back into its columns, by name; columns without a value are absent. For showing, not for speed. */
export function decodeRow(message: BronzeMessage<never>, bytes: Uint8Array): Record<string, BronzeValue> {
  const fields = new Map(message.fields.map((field) => [field.number, field]));
  const row: Record<string, BronzeValue> = {};
  const cursor = new ProtoReader(bytes);
  while (cursor.next()) {
    const field = fields.get(cursor.number);
    if (field) row[field.name] = valueOf(field, cursor);
  }
  return row;
}

function valueOf({ type }: BronzeField, cursor: ProtoReader): BronzeValue {
  switch (type) {
    case "int32":
      return cursor.int32();
    case "int64":
      return exact(cursor.int64());
    case "bool":
      return cursor.bool();
    case "double":
      return cursor.double();
    case "string":
      return cursor.text();
    case "bytes":
      return cursor.value().slice();
    default:
      return type satisfies never;
  }
}

function exact(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
