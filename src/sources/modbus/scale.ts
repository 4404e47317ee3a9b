/**
 * Scaling in decimal: 3 * 0.1 is 0.3, as people who write `scale_factor: 0.1` mean it, and not 0.30000000000000004.
 *
 * Factor and offset are taken as the decimal numbers that they are written as, over one common power of ten:
 * value = (raw * numerator + offset) / denominator, all four whole. Below 2^53 products and sums are exact and the
 * one division rounds correctly; integers beyond it are computed without limit.
 */
export interface Scale {
  readonly numerator: number;
  readonly offset: number;
  /** A power of ten. */
  readonly denominator: number;
  readonly isIdentity: boolean;
}

/** More digits behind the point than this are not decimal fractions that people wrote; 10^22 is the last exact power in a double. */
const MAX_DIGITS = 15;

const INT32_MAX = 2 ** 31 - 1;

/** Prepares `raw * factor + offset`. */
export function scaleOf(factor: number, offset: number): Scale {
  const digits = Math.min(MAX_DIGITS, Math.max(fractionDigits(factor), fractionDigits(offset)));
  const scale = { numerator: times(factor, digits), offset: times(offset, digits), denominator: 10 ** digits };
  const isIdentity = factor === 1 && offset === 0;
  if (Number.isSafeInteger(scale.numerator) && Number.isSafeInteger(scale.offset)) return { ...scale, isIdentity };
  return { numerator: factor, offset, denominator: 1, isIdentity };
}

/** A register's value, scaled. */
export function scaled(raw: number, scale: Scale): number {
  if (scale.isIdentity) return raw;
  return (raw * scale.numerator + scale.offset) / scale.denominator;
}

/** The exact decimal text of a scaled integer of any size, or undefined where factor or offset are no short decimals. */
export function scaledText(raw: bigint, scale: Scale): string | undefined {
  if (!Number.isSafeInteger(scale.numerator) || !Number.isSafeInteger(scale.offset)) return undefined;
  const whole = raw * BigInt(scale.numerator) + BigInt(scale.offset);
  const digits = Math.round(Math.log10(scale.denominator));
  if (digits === 0) return whole.toString();
  const text = (whole < 0n ? -whole : whole).toString().padStart(digits + 1, "0");
  const fraction = text.slice(-digits).replace(/0+$/, "");
  return `${whole < 0n ? "-" : ""}${text.slice(0, -digits)}${fraction && `.${fraction}`}`;
}

/** The column `scale_factor`: 0.1 and 10 give 10; undefined where neither factor nor 1 / factor is a whole int32. */
export function scaleColumn(factor: number): number | undefined {
  const inverse = 1 / factor;
  // 1 / 0.001 is exact in doubles as long as the inverse has few digits: the round trip proves it.
  const candidate = Number.isInteger(factor) ? factor : Math.round(inverse);
  const isWhole = Number.isInteger(factor) || 1 / candidate === factor;
  return isWhole && Math.abs(candidate) <= INT32_MAX ? candidate : undefined;
}

/** Digits behind the point in the shortest text of `number`. */
function fractionDigits(number: number): number {
  const [mantissa = "", exponent = "0"] = String(number).split("e");
  return Math.max(0, (mantissa.split(".")[1] ?? "").length - Number(exponent));
}

/** `number` times ten to the `digits`, by moving the point in its text. */
function times(number: number, digits: number): number {
  const [mantissa = "0", exponent = "0"] = String(number).split("e");
  return Number(`${mantissa}e${Number(exponent) + digits}`);
}
