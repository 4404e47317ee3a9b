/** Names of Sparkplug's data types by number (Sparkplug 3.0, 6.4.16). */
const NAMES = [
  "Unknown",
  "Int8",
  "Int16",
  "Int32",
  "Int64",
  "UInt8",
  "UInt16",
  "UInt32",
  "UInt64",
  "Float",
  "Double",
  "Boolean",
  "String",
  "DateTime",
  "Text",
  "UUID",
  "DataSet",
  "Bytes",
  "File",
  "Template",
  "PropertySet",
  "PropertySetList",
  "Int8Array",
  "Int16Array",
  "Int32Array",
  "Int64Array",
  "UInt8Array",
  "UInt16Array",
  "UInt32Array",
  "UInt64Array",
  "FloatArray",
  "DoubleArray",
  "BooleanArray",
  "StringArray",
  "DateTimeArray",
] as const;

/** A data type of the specification, by its name there. */
export type DataType = (typeof NAMES)[number];

/** The type with this number; `Unknown` for 0 and for numbers that the specification does not have. */
export function dataTypeOf(number: number | bigint): DataType {
  return typeof number === "number" ? NAMES[number] ?? "Unknown" : "Unknown";
}

/** Bits of the integer types, and whether they have a sign. */
export const INTEGERS: Readonly<
  Partial<Record<DataType, { readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }>>
> = {
  Int8: { bits: 8, signed: true },
  Int16: { bits: 16, signed: true },
  Int32: { bits: 32, signed: true },
  Int64: { bits: 64, signed: true },
  UInt8: { bits: 8, signed: false },
  UInt16: { bits: 16, signed: false },
  UInt32: { bits: 32, signed: false },
  UInt64: { bits: 64, signed: false },
};
