/** A field's type in a descriptor, as google/protobuf/descriptor.proto numbers it. */
export const FIELD_TYPE: Readonly<Record<number, string>> = {
  1: "double",
  2: "float",
  3: "int64",
  4: "uint64",
  5: "int32",
  6: "fixed64",
  7: "fixed32",
  8: "bool",
  9: "string",
  10: "group",
  11: "message",
  12: "bytes",
  13: "uint32",
  14: "enum",
  15: "sfixed32",
  16: "sfixed64",
  17: "sint32",
  18: "sint64",
};

/** The protobuf types that tables are filled with. */
export type Scalar = "double" | "float" | "int64" | "int32" | "bool" | "string" | "bytes";

/** docs.databricks.com, "Zerobus Ingest connector", supported data types. */
const SCALAR: Readonly<Record<string, Scalar>> = {
  tinyint: "int32",
  smallint: "int32",
  int: "int32",
  bigint: "int64",
  float: "float",
  double: "double",
  string: "string",
  varchar: "string",
  char: "string",
  boolean: "bool",
  binary: "bytes",
  timestamp: "int64",
  timestamp_ntz: "int64",
  date: "int32",
  variant: "string",
};

/** Unity Catalog's `type_name`. */
const TYPE_NAME: Readonly<Record<string, string>> = { tinyint: "BYTE", smallint: "SHORT", bigint: "LONG" };

/** Whole numbers that a column holds, where a wider protobuf type carries them. */
const RANGE: Readonly<Record<string, readonly [number, number]>> = {
  tinyint: [-128, 127],
  smallint: [-32768, 32767],
  int: [-2147483648, 2147483647],
  date: [-2147483648, 2147483647],
};

/** Says why a value does not fit, for the end of a sentence; undefined when it does. */
export type ValueCheck = (value: unknown) => string | undefined;

/** `varchar` of `varchar(20)`. */
export function baseType(type: string): string {
  return type.replace(/\s*\(.*$/, "").trim().toLowerCase();
}

/** The protobuf type that fills such a column; undefined for types the service does not take. */
export function scalarFor(type: string): Scalar | undefined {
  return SCALAR[baseType(type)];
}

export function typeName(type: string): string {
  const base = baseType(type);
  return TYPE_NAME[base] ?? base.toUpperCase();
}

/** What must hold for a value beyond its protobuf type; undefined when nothing must. */
export function valueCheck(type: string): ValueCheck | undefined {
  const range = RANGE[baseType(type)];
  if (range) return inRange(type, range);
  const most = type.match(/^(?:var)?char\s*\((\d+)\)/i)?.[1];
  if (most) return noLonger(type, Number(most));
  return baseType(type) === "variant" ? isJson : undefined;
}

function inRange(type: string, [min, max]: readonly [number, number]): ValueCheck {
  return (value) => {
    const isWithin = typeof value === "number" && value >= min && value <= max;
    return isWithin ? undefined : `${value} is outside ${type.toUpperCase()}`;
  };
}

function noLonger(type: string, most: number): ValueCheck {
  return (value) => {
    if (typeof value !== "string" || value.length <= most || [...value].length <= most) return undefined;
    return `a text of ${[...value].length} characters is too long for ${type.toUpperCase()}`;
  };
}

function isJson(value: unknown): string | undefined {
  try {
    JSON.parse(String(value));
    return undefined;
  } catch {
    return "a text is not JSON, for VARIANT";
  }
}
