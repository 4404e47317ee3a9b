/** Digits, a sign, one point, an exponent: no hexadecimal, no Infinity, nothing that JavaScript alone calls a number. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** One thousand for some, one for others. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(,\d{3})+$/;

/**
 * The number that a person wrote; undefined where it is none. `comma`: whether a comma stands before the decimals; a form
 * does not know, and takes it so unless it may separate thousands.
 */
export function typedNumber(text: string, comma: "decimal" | "unknown" | "none"): number | undefined {
  const plain = text.trim();
  if (comma === "unknown" && THOUSANDS.test(plain)) return undefined;
  const pointed = comma === "none" ? plain : plain.replace(/^([+-]?\d*),(\d*)$/, "$1.$2");
  return NUMBER.test(pointed) ? Number(pointed) : undefined;
}
