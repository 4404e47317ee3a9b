import { Buffer } from "node:buffer";
import { arrayText, isArrayType } from "./array_value.ts";
import { type DataType, INTEGERS } from "./data_type.ts";
import { dataSetText } from "./data_set.ts";
import type { RawValue } from "./payload.ts";
import type { TextRoom } from "./room.ts";
import { isoTime, signedOf } from "./scalar.ts";
import { UnreadableValue } from "./unreadable.ts";

/** A value as its columns have it: a number, or text. Neither for null. */
export interface ColumnValue {
  readonly value?: number;
  readonly text?: string;
}

const NULL: ColumnValue = {};

/**
 * A value by its type (Sparkplug 3.0, 6.4.16). Integers beyond 2^53 are text, as a double cannot hold them; what is no
 * number is text: true and false, ISO 8601, base64, and JSON for arrays and data sets.
 * @throws {UnreadableValue} where value and type do not go together, or where the text is too long for `room`
 */
export function columnValue(raw: RawValue, dataType: DataType, room: TextRoom): ColumnValue {
  if (raw.kind === "none") return NULL;
  if (raw.kind === "integer") return integerValue(raw.value, dataType);
  if (raw.kind === "real") return realValue(raw.value, dataType);
  if (raw.kind === "boolean") return fits(dataType, "Boolean") ?? { text: String(raw.value) };
  if (raw.kind === "text") return fits(dataType, "String", "Text", "UUID") ?? { text: held(raw.value, room) };
  if (raw.kind === "dataset") return fits(dataType, "DataSet") ?? { text: dataSetText(raw.bytes, room) };
  if (raw.kind === "template") throw new UnreadableValue(`a template where the type is ${dataType}`);
  if (isArrayType(dataType)) return { text: arrayText(raw.bytes, dataType, room) };
  return fits(dataType, "Bytes", "File") ?? { text: base64(raw.bytes, room) };
}

function integerValue(raw: number | bigint, dataType: DataType): ColumnValue {
  if (dataType === "DateTime") return { text: isoTime(signedOf(raw, { bits: 64, signed: true })) };
  if (dataType === "Boolean" && (raw === 0 || raw === 1)) return { text: String(raw === 1) };
  if ((dataType === "Float" || dataType === "Double") && raw < 2 ** 31) return { value: Number(raw) };
  const type = INTEGERS[dataType];
  if (!type) {
    if (dataType === "Unknown") {
      throw new UnreadableValue("a whole number of unknown type: only a birth tells its sign");
    }
    throw new UnreadableValue(`a whole number where the type is ${dataType}`);
  }
  const value = signedOf(raw, type);
  return typeof value === "number" ? { value } : { text: String(value) };
}

/** Of an integer type too: some senders write every number as a double. */
function realValue(value: number, dataType: DataType): ColumnValue {
  if (INTEGERS[dataType] === undefined) fits(dataType, "Double", "Float");
  return { value };
}

/** Undefined where the type is one of these, or not known. @throws {UnreadableValue} otherwise */
function fits(dataType: DataType, ...types: readonly DataType[]): undefined {
  if (dataType === "Unknown" || types.includes(dataType)) return undefined;
  throw new UnreadableValue(`a value of type ${types[0]} where the type is ${dataType}`);
}

function held(text: string, room: TextRoom): string {
  room.takeText(text.length);
  return text;
}

function base64(bytes: Uint8Array, room: TextRoom): string {
  room.takeText(Math.ceil(bytes.length / 3) * 4);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}
