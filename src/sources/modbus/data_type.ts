/** What the bits in registers mean. */
export const DATA_TYPES = [
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "bcd16",
  "bcd32",
  "bcd64",
  "float16",
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
  bcd16: 1,
  float16: 1,
  int32: 2,
  uint32: 2,
  bcd32: 2,
  float32: 2,
  int64: 4,
  uint64: 4,
  bcd64: 4,
  float64: 4,
};

/** How the bytes of a string are read: `auto` is UTF-8, and Latin-1 where they are not valid UTF-8. */
export const ENCODINGS = [
  "auto",
  "utf-8",
  "latin-1",
  "utf-16",
  "windows-1251",
  "windows-1252",
  "shift_jis",
  "gb18030",
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** What a device fills the rest of a string with. */
export const PADDINGS = ["nul", "space"] as const;
export type Padding = (typeof PADDINGS)[number];

/** `big`: the most significant byte, or register, comes first. */
export type Order = "big" | "little";
