import { type DataType, REGISTERS_PER_VALUE } from "./data_type.ts";

/** What one entry says about its values. */
interface NoValueOf {
  readonly dataType: Exclude<DataType, "string" | "bool">;
  readonly bitCount: number;
  /** Bits of the register alone. */
  readonly isPart: boolean;
}

/**
 * The number that is read where the registers hold `stated`. Manuals give the bits, `0x8000`, also of signed types, and
 * decimals that a float only comes near to. Undefined where the type never holds it.
 */
export function readNoValue(stated: number, { dataType, bitCount, isPart }: NoValueOf): number | undefined {
  if (isPart) return whole(stated, 0, 2 ** bitCount - 1);
  switch (dataType) {
    case "float16":
      return finite(asFloat16(stated));
    case "float32":
      return finite(Math.fround(stated));
    case "float64":
      return finite(stated);
    case "bcd16":
    case "bcd32":
    case "bcd64":
      return whole(stated, 0, 10 ** (4 * REGISTERS_PER_VALUE[dataType]) - 1);
    case "uint16":
    case "uint32":
    case "uint64":
      return whole(stated, 0, 2 ** bitsOf(dataType) - 1);
    case "int16":
    case "int32":
    case "int64":
      return signed(stated, bitsOf(dataType));
  }
}

function bitsOf(dataType: NoValueOf["dataType"]): number {
  return 16 * REGISTERS_PER_VALUE[dataType];
}

/** As the value, or as the bits that the registers show. */
function signed(stated: number, bits: number): number | undefined {
  const value = whole(stated, -(2 ** (bits - 1)), 2 ** bits - 1);
  return value !== undefined && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

/** Beyond 2^53 only the nearest double can be told, as when such a value is read: the largest of 64 bits is 2^64. */
function whole(stated: number, least: number, most: number): number | undefined {
  return Number.isInteger(stated) && stated >= least && stated <= most ? stated : undefined;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function asFloat16(value: number): number {
  const view = new DataView(new ArrayBuffer(2));
  view.setFloat16(0, value);
  return view.getFloat16(0);
}
