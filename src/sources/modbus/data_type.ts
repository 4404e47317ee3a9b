/** What the bits in registers mean. */
export const DATA_TYPES = [
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float32",
  "float64",
  "bool",
  "string",
] as const;
export type DataType = (typeof DATA_TYPES)[number];

/** Registers of one value; a string's length is its mapping's `count`. */
export const REGISTERS_PER_VALUE: Readonly<Record<Exclude<DataType, "string">, number>> = {
  bool: 1,
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  float32: 2,
  int64: 4,
  uint64: 4,
  float64: 4,
};

/** `big`: the most significant byte, or register, comes first. */
export type Order = "big" | "little";
