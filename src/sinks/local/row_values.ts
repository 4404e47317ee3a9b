import type { BronzeField, BronzeMessage, BronzeType } from "../../bronze/message.ts";
import { ProtoReader } from "../../lib/proto_reader.ts";
import type { Row } from "../../core/reading.ts";

/** What SQLite can be given for a column. */
export type SqlValue = number | bigint | string | Uint8Array | null;

/** BOM and all: text must come out as it went in. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Wire types of the protobuf encoding (protobuf.dev, "Encoding"). */
const WIRE_TYPE: Readonly<Record<BronzeType, number>> = { int32: 0, int64: 0, bool: 0, double: 1, string: 2, bytes: 2 };

interface Column {
  readonly field: BronzeField;
  readonly wireType: number;
  /** Place among the values. */
  readonly index: number;
  /** The last text of the column and its bytes: most columns repeat themselves from row to row. */
  lastBytes: Uint8Array;
  lastText: string;
}

/**
 * Takes rows of one message apart into the values of their columns, in the order of the message's fields. The identity
 * comes from the row itself, the rest from its bytes; a field that is not there is NULL. int64 stays exact, as bigint
 * beyond 2^53; SQLite has no NaN and stores NULL for it, while infinities are kept.
 */
export class RowValues {
  readonly #columns: (Column | undefined)[] = [];
  readonly #identity: readonly [edgeId: number, bootEpoch: number, seq: number];
  /** Number of columns. */
  readonly size: number;

  constructor(message: BronzeMessage<never>) {
    this.size = message.fields.length;
    message.fields.forEach((field, index) => {
      const last = { lastBytes: new Uint8Array(), lastText: "" };
      this.#columns[field.number] = { field, wireType: WIRE_TYPE[field.type], index, ...last };
    });
    const place = (name: string) => message.fields.findIndex((field) => field.name === name);
    this.#identity = [place("edge_id"), place("boot_epoch"), place("seq")];
  }

  /** Fills `values`. @throws {RangeError} when the bytes are no message of this kind */
  fill(values: SqlValue[], row: Row): void {
    values.fill(null);
    const cursor = new ProtoReader(row.bytes);
    while (cursor.next()) {
      const column = this.#columns[cursor.number];
      if (!column) continue;
      if (cursor.wireType !== column.wireType) {
        throw new RangeError(`column ${column.field.name} has wire type ${cursor.wireType}, not ${column.wireType}`);
      }
      values[column.index] = valueOf(column, cursor);
    }
    const [edgeId, bootEpoch, seq] = this.#identity;
    values[edgeId] = row.edgeId;
    values[bootEpoch] = row.bootEpoch;
    values[seq] = row.seq;
  }
}

function valueOf(column: Column, cursor: ProtoReader): SqlValue {
  switch (column.field.type) {
    case "int32":
      return cursor.int32();
    case "int64":
      return int64(cursor);
    case "bool":
      return cursor.bool() ? 1 : 0;
    case "double":
      return cursor.double();
    case "string":
      return textOf(column, cursor.value());
    case "bytes":
      return cursor.value();
    default:
      return column.field.type satisfies never;
  }
}

/** Exact: a number up to 2^53, a bigint beyond and below zero. */
function int64(cursor: ProtoReader): number | bigint {
  const value = cursor.uint();
  return typeof value === "number" ? value : BigInt.asIntN(64, value);
}

function textOf(column: Column, bytes: Uint8Array): string {
  if (isSame(column.lastBytes, bytes)) return column.lastText;
  column.lastBytes = bytes;
  return column.lastText = utf8.decode(bytes);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = a.length - 1; at >= 0; at--) if (a[at] !== b[at]) return false; // texts differ at their ends
  return true;
}
