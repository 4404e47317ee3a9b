/** What a person changes in a dead letter before it is sent again. */
import { type BronzeMessage, type BronzeValue, parseValue, TEXT_OF_TYPE } from "../bronze/mod.ts";
import { nearest } from "../lib/nearest.ts";
import { ConfigError } from "../core/error.ts";

/** Columns of a row, as texts; or the message that the device should have sent. */
export type LetterEdit =
  | { readonly set: Readonly<Record<string, string>> }
  | { readonly payload: Uint8Array };

/** A row by its columns. */
export type Columns = Readonly<Record<string, BronzeValue>>;

/** What a row gets anew whenever it is accepted. */
export const STAMPED: readonly string[] = ["edge_id", "boot_epoch", "seq", "ingest_time"];

/**
 * The row with these columns changed. Texts are as `dlq show` writes values.
 * @throws {ConfigError} naming the column that there is not, may not be set, or takes another type
 */
export function withColumns(
  message: BronzeMessage<never>,
  columns: Columns,
  set: Readonly<Record<string, string>>,
): Columns {
  const changed = Object.entries(set).map(([name, text]) => [name, valueOf(message, name, text)]);
  return { ...columns, ...Object.fromEntries(changed) };
}

function valueOf({ name: message, fields }: BronzeMessage<never>, name: string, text: string): BronzeValue {
  const field = fields.find((each) => each.name === name);
  if (!field) {
    const like = nearest(name, fields.map((each) => each.name));
    throw wrongEdit(`Rows of ${message} have no column ${name}${like ? `; did you mean ${like}?` : ""}`);
  }
  if (STAMPED.includes(name)) {
    throw wrongEdit(`Column ${name} cannot be set: a changed row gets ${STAMPED.join(", ")} anew`);
  }
  const value = parseValue(field.type, text);
  if (value === undefined) {
    const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    throw wrongEdit(`Column ${name} takes ${TEXT_OF_TYPE[field.type]}, and ${JSON.stringify(short)} is none`);
  }
  return value;
}

function wrongEdit(message: string): ConfigError {
  return new ConfigError("letter_edit", message);
}
