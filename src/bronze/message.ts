import type { ProtoWriter } from "../lib/proto_writer.ts";

/** The protobuf scalar types that bronze messages use. */
export type BronzeType = "int32" | "int64" | "bool" | "double" | "string" | "bytes";

/** One column of a bronze table, and the field that fills it. */
export interface BronzeField {
  readonly number: number;
  readonly name: string;
  readonly type: BronzeType;
  /** Part of the published bronze schema; the others are extras, sent only to a table that has the column. */
  readonly isPublished: boolean;
}

/** A message of protos/: its columns, and how a row of it is written. */
export interface BronzeMessage<R> {
  readonly name: string;
  readonly fields: readonly BronzeField[];
  write(writer: ProtoWriter, row: R): void;
}
