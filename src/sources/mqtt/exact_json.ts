/** What V8 has of "JSON.parse source text access" (ECMA-262 proposal, stage 4); TypeScript does not know it yet. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
}

/** A number that no double is, as it was written. `JSON.stringify` writes it so again. */
interface RawNumber {
  readonly rawJSON: string;
}

const exact = JSON as unknown as ExactJson; // the same object, with what its type lacks

/** Sixteen digits that stand before the point, or an exponent of three: rare, and all that can be such a number. */
const SUSPECT = /(?:^|[^.\d])\d{16}|\d[eE][+-]?\d{3}/;
const WHOLE = /^-?\d+$/;
const NOT_ZERO = /^[^eE]*[1-9]/;

/**
 * Reads JSON. Numbers that a double would make others are kept as they were written: whole ones beyond 2^53, and what is
 * too large or too small for it. `numberIn` and `digitsOf` read them.
 * @throws {SyntaxError}
 */
export function parseExactly(text: string): unknown {
  if (!SUSPECT.test(text)) return JSON.parse(text);
  return exact.parse(text, (_key, value, { source = "" }) => {
    return typeof value === "number" && isAnother(value, source) ? exact.rawJSON(source) : value;
  });
}

/** `value` as a number, the nearest one; undefined where it is none, or beyond what a double can be. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const digits = digitsOf(value);
  if (digits === undefined) return undefined;
  const near = Number(digits);
  return isLost(near, digits) ? undefined : near;
}

/** The digits of a number that no double is, as they were written; undefined for every other value. */
export function digitsOf(value: unknown): string | undefined {
  return exact.isRawJSON(value) ? value.rawJSON : undefined;
}

function isAnother(value: number, source: string): boolean {
  return WHOLE.test(source) && !Number.isSafeInteger(value) || isLost(value, source);
}

/** What is left of it is infinity or zero. */
function isLost(value: number, source: string): boolean {
  return !Number.isFinite(value) || value === 0 && NOT_ZERO.test(source);
}
