import { realText } from "./array_value.ts";
import { type DataType, dataTypeOf, INTEGERS } from "./data_type.ts";
import { NO_VALUE, type RawValue, readOneof } from "./payload.ts";
import type { TextRoom } from "./room.ts";
import { isoTime, signedOf } from "./scalar.ts";
import { UnreadableValue } from "./unreadable.ts";
import { WireFields } from "./wire.ts";

/**
 * A data set (Sparkplug 3.0, 6.4.10) as JSON: `{"columns":["a"],"types":["Int32"],"rows":[[1]]}`. 64-bit integers stand
 * in all their digits.
 * @throws {UnreadableValue} where an element does not fit its column, or the text is too long for `room`
 * @throws {MalformedPayload}
 */
export function dataSetText(bytes: Uint8Array, room: TextRoom): string {
  const columns: string[] = [];
  const types: DataType[] = [];
  const field = new WireFields(bytes);
  while (field.next()) {
    if (field.number === 2) columns.push(JSON.stringify(field.text()));
    else if (field.number === 3) readTypes(field, types);
  }
  if (types.length !== columns.length) {
    throw new UnreadableValue(`a data set of ${columns.length} columns with ${types.length} types`);
  }
  const named = types.map((type) => `"${type}"`);
  for (const text of [...columns, ...named]) room.takeText(text.length + 1);
  return `{"columns":[${columns}],"types":[${named}],"rows":[${rowTexts(bytes, types, room)}]}`;
}

/** Rows may stand before the types of their columns: they are looked for when those are known. */
function rowTexts(bytes: Uint8Array, types: readonly DataType[], room: TextRoom): string[] {
  const texts: string[] = [];
  const field = new WireFields(bytes);
  while (field.next()) {
    if (field.number !== 4) continue;
    const text = rowText(field.value(), types);
    room.takeText(text.length + 1);
    texts.push(text);
  }
  return texts;
}

/** One number per field, or many of them packed into one (protobuf.dev, "Encoding", "Repeated Elements"). */
function readTypes(field: WireFields, types: DataType[]): void {
  if (field.wireType === 0) {
    types.push(dataTypeOf(field.uint()));
    return;
  }
  // All types of the specification are below 128: one byte each.
  for (const byte of field.value()) types.push(dataTypeOf(byte));
}

function rowText(bytes: Uint8Array, types: readonly DataType[]): string {
  const texts: string[] = [];
  const field = new WireFields(bytes);
  while (field.next()) {
    if (field.number === 1) texts.push(elementText(elementOf(field.value()), types[texts.length]));
  }
  if (texts.length !== types.length) {
    throw new UnreadableValue(`a data set of ${types.length} columns with a row of ${texts.length} elements`);
  }
  return `[${texts.join(",")}]`;
}

function elementOf(bytes: Uint8Array): RawValue {
  let value: RawValue = NO_VALUE;
  const field = new WireFields(bytes);
  while (field.next()) {
    if (field.number <= 6) value = readOneof(field, field.number) ?? value;
  }
  return value;
}

function elementText(raw: RawValue, type: DataType = "Unknown"): string {
  switch (raw.kind) {
    case "none":
      return "null";
    case "integer":
      return integerText(raw.value, type);
    case "real":
      return realText(raw.value);
    case "boolean":
    case "text":
      return JSON.stringify(raw.value);
    case "bytes":
    case "dataset":
    case "template":
      throw new UnreadableValue(`an element of kind ${raw.kind} in a data set`);
    default:
      return raw satisfies never;
  }
}

function integerText(raw: number | bigint, type: DataType): string {
  if (type === "DateTime") return JSON.stringify(isoTime(signedOf(raw, { bits: 64, signed: true })));
  if (type === "Boolean") return String(raw !== 0);
  const integer = INTEGERS[type];
  if (!integer) throw new UnreadableValue(`a whole number in a data set's column of type ${type}`);
  return String(signedOf(raw, integer));
}
