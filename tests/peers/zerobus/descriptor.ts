import { FIELD_TYPE, type Scalar, scalarFor, type ValueCheck, valueCheck } from "./column_type.ts";
import { schemaRefused } from "./status.ts";
import type { Column, Table } from "./table.ts";
import { WireReader } from "./wire_reader.ts";

/** `FieldDescriptorProto`, as much of it as counts here. */
export interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly isRequired: boolean;
  readonly isRepeated: boolean;
  /** `int64`, `message`, … */
  readonly type: string;
}

/** `DescriptorProto` of one message. */
export interface MessageDescriptor {
  readonly name: string;
  readonly fields: readonly FieldDescriptor[];
}

/** How one field of a record fills its column. */
export interface RecordField {
  readonly column: string;
  readonly number: number;
  readonly type: Scalar;
  readonly isRequired: boolean;
  readonly check: ValueCheck | undefined;
}

/** Reads a serialized `google.protobuf.DescriptorProto { 1 name; 2 field }`. @throws {RangeError} when it is none */
export function readDescriptor(bytes: Uint8Array): MessageDescriptor {
  const fields: FieldDescriptor[] = [];
  const reader = WireReader.of(bytes);
  let name = "";
  while (reader.next()) {
    if (reader.number === 1) name = reader.text();
    else if (reader.number === 2) fields.push(readField(reader.bytes()));
    else reader.skip();
  }
  if (!name) throw new RangeError("the message has no name");
  return { name, fields };
}

/** `FieldDescriptorProto { 1 name; 3 number; 4 label; 5 type }` */
function readField(bytes: Uint8Array): FieldDescriptor {
  const reader = WireReader.of(bytes);
  const field = { name: "", number: 0, label: 1, type: 0 };
  while (reader.next()) {
    if (reader.number === 1) field.name = reader.text();
    else if (reader.number === 3) field.number = reader.length();
    else if (reader.number === 4) field.label = reader.length();
    else if (reader.number === 5) field.type = reader.length();
    else reader.skip();
  }
  const { name, number, label, type } = field;
  if (!name || number < 1) throw new RangeError("a field has no name or no number");
  return { name, number, isRequired: label === 2, isRepeated: label === 3, type: FIELD_TYPE[type] ?? `type ${type}` };
}

/**
 * How records of this descriptor fill `table`, by field number.
 * @throws {Refused} INVALID_ARGUMENT for a descriptor that is none, an unknown column, a wrong type, a number used twice,
 * or a NOT NULL column that it leaves out
 */
export function matchDescriptor(bytes: Uint8Array, table: Table): RecordField[] {
  const { fields } = parse(bytes);
  const columns = new Map(table.columns.map((column) => [column.name.toLowerCase(), column]));
  const matched = fields.map((field) => matchField(field, columns.get(field.name.toLowerCase()), table));
  if (new Set(matched.map((field) => field.number)).size < matched.length) {
    throw schemaRefused("two fields have the same number");
  }
  const filled = new Set(matched.map((field) => field.column));
  for (const { name, isNullable = true } of table.columns) {
    if (!isNullable && !filled.has(name)) throw schemaRefused(`column ${name} is NOT NULL and has no field`);
  }
  return matched;
}

function parse(bytes: Uint8Array): MessageDescriptor {
  try {
    return readDescriptor(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw schemaRefused(`descriptor_proto is no DescriptorProto: ${error.message}`);
  }
}

function matchField(field: FieldDescriptor, column: Column | undefined, table: Table): RecordField {
  if (!column) throw schemaRefused(`table ${table.name} has no column ${field.name}`);
  const wanted = scalarFor(column.type);
  if (!wanted || field.isRepeated || field.type !== wanted) {
    const found = field.isRepeated ? `repeated ${field.type}` : field.type;
    throw schemaRefused(`field ${field.name} is ${found}, and column ${column.name} is ${column.type.toUpperCase()}`);
  }
  return {
    column: column.name,
    number: field.number,
    type: wanted,
    isRequired: field.isRequired || column.isNullable === false,
    check: valueCheck(column.type),
  };
}
