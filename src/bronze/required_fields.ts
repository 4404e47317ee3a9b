import { DecodeError } from "../core/error.ts";
import { ALWAYS_FILLED } from "./encoder.ts";
import type { BronzeField, BronzeMessage } from "./message.ts";
import { ProtoReader } from "../lib/proto_reader.ts";

/** Says why a row may not be accepted; undefined where it may. */
export type RowFault = (row: Uint8Array) => DecodeError | undefined;

/**
 * A check that rows of `message` fill these columns: a column that is not set, or holds an empty text, is not filled.
 * Columns that the message does not have concern rows of other messages. Undefined where no row needs to be looked at.
 *
 * The check takes one pass over the row's field keys and decodes nothing. It throws a RangeError for bytes that are not a
 * protobuf message.
 */
export function requiredFields(message: BronzeMessage<never>, columns: readonly string[]): RowFault | undefined {
  const looked = message.fields.filter(({ name }) => columns.includes(name) && !ALWAYS_FILLED.includes(name));
  if (looked.length === 0) return undefined;
  const places = new Map(looked.map(({ number }, place) => [number, place]));
  const isFilled: boolean[] = looked.map(() => false); // used again for every row
  return (row) => {
    isFilled.fill(false);
    const field = new ProtoReader(row);
    while (field.next()) {
      const place = places.get(field.number);
      // Where a field stands twice, the last one counts.
      if (place !== undefined) isFilled[place] = !isEmptyText(looked[place], field);
    }
    return isFilled.includes(false) ? lacks(looked.filter((_, place) => !isFilled[place])) : undefined;
  };
}

function isEmptyText(field: BronzeField | undefined, { end, valueStart }: ProtoReader): boolean {
  return field?.type === "string" && end === valueStart;
}

function lacks(fields: readonly BronzeField[]): DecodeError {
  const names = fields.map(({ name }) => name).join(", ");
  const what = fields.length === 1 ? "is empty" : "are empty";
  return new DecodeError(
    "required_field_missing",
    `Of the columns that processing.validation.required_fields names, ${names} ${what}: ` +
      "mend the device or the source's settings, or take the name out",
  );
}
