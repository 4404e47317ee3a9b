import { ProtoWriter } from "../lib/proto_writer.ts";
import type { BronzeType } from "./message.ts";

/** A field as the descriptor declares it. */
export interface PlannedField {
  readonly name: string;
  readonly number: number;
  readonly type: BronzeType;
  readonly isRequired: boolean;
}

/** google/protobuf/descriptor.proto, `FieldDescriptorProto.Type`. */
const TYPE: Readonly<Record<BronzeType, number>> = { double: 1, int64: 3, int32: 5, bool: 8, string: 9, bytes: 12 };
/** google/protobuf/descriptor.proto, `FieldDescriptorProto.Label`. */
const OPTIONAL = 1;
const REQUIRED = 2;

const VARINT = 0;
const LENGTH = 2;

/** Serializes `google.protobuf.DescriptorProto` for a flat message of scalars: name (1), and each field (2). */
export function encodeDescriptor(name: string, fields: readonly PlannedField[]): Uint8Array {
  const writer = new ProtoWriter();
  const encoded = fields.map((field) => encodeField(writer, field));
  writer.string((1 << 3) | LENGTH, name);
  for (const field of encoded) writer.bytes((2 << 3) | LENGTH, field);
  return writer.finish();
}

/** `FieldDescriptorProto`: name (1), number (3), label (4), type (5). */
function encodeField(writer: ProtoWriter, field: PlannedField): Uint8Array {
  writer.string((1 << 3) | LENGTH, field.name);
  writer.int32((3 << 3) | VARINT, field.number);
  writer.int32((4 << 3) | VARINT, field.isRequired ? REQUIRED : OPTIONAL);
  writer.int32((5 << 3) | VARINT, TYPE[field.type]);
  return writer.finish();
}
