import type { BronzeValue } from "./decode_row.ts";
import type { BronzeType } from "./message.ts";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
/** What `String` makes of the doubles that no digits write. */
const NO_DIGITS: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity };

/** What a text for a column of this type must be, for the end of a sentence. */
export const TEXT_OF_TYPE: Readonly<Record<BronzeType, string>> = {
  int32: "a whole number from -2147483648 to 2147483647",
  int64: "a whole number from -9223372036854775808 to 9223372036854775807",
  bool: "true or false",
  double: "a number, NaN, Infinity or -Infinity",
  string: "text",
  bytes: "bytes as base64",
};

/** The value of a column that a person wrote as text, as `textOfValue` writes it; undefined where it is none of the type. */
export function parseValue(type: BronzeType, text: string): BronzeValue | undefined {
  switch (type) {
    case "int32":
      return wholeNumber(text, 32);
    case "int64":
      return wholeNumber(text, 64);
    case "bool":
      return text === "true" || text === "false" ? text === "true" : undefined;
    case "double":
      return double(text);
    case "string":
      return text;
    case "bytes":
      return base64(text);
    default:
      return type satisfies never;
  }
}

/** A column's value as text that loses nothing; `parseValue` reads it. */
export function textOfValue(value: BronzeValue): string {
  if (value instanceof Uint8Array) return value.toBase64();
  return Object.is(value, -0) ? "-0" : String(value);
}

function wholeNumber(text: string, bits: number): number | bigint | undefined {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  if (BigInt.asIntN(bits, value) !== value) return undefined;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function double(text: string): number | undefined {
  if (Object.hasOwn(NO_DIGITS, text)) return NO_DIGITS[text];
  const value = NUMBER.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

function base64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined; // SyntaxError: it is not base64
  }
}
