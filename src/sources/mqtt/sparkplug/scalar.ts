import { UnreadableValue } from "./unreadable.ts";

/** Width of an integer type, and whether it has a sign. */
export interface IntegerType {
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
}

/** The last millisecond that a `Date` can hold. */
const MAX_DATE_MS = 8_640_000_000_000_000;

/**
 * An integer as its type means it. It stands in an unsigned field: a negative one in two's complement, cut to the type's
 * bits by some senders and extended to 32 or 64 bits by others.
 * @throws {UnreadableValue} where it is too large for the type
 */
export function signedOf(raw: number | bigint, { bits, signed }: IntegerType): number | bigint {
  if (typeof raw === "number" && raw < 2 ** (signed ? bits - 1 : bits)) return raw;
  const wide = BigInt(raw);
  const cut = BigInt.asUintN(bits, wide);
  const isWhole = cut === wide;
  const isExtended = signed && cut >> BigInt(bits - 1) === 1n &&
    [32, 64].some((to) => extended(cut, bits, to) === wide);
  if (!isWhole && !isExtended) throw new UnreadableValue(`the number ${raw}, which has more than ${bits} bits`);
  return narrowed(signed ? BigInt.asIntN(bits, cut) : cut);
}

function extended(cut: bigint, from: number, to: number): bigint {
  return BigInt.asUintN(to, BigInt.asIntN(from, cut));
}

/** A `number` where it is exact. */
export function narrowed(value: bigint): number | bigint {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** ISO 8601 of milliseconds since 1970-01-01 UTC. @throws {UnreadableValue} where the calendar ends before */
export function isoTime(ms: number | bigint): string {
  if (typeof ms === "number" && Math.abs(ms) <= MAX_DATE_MS) return new Date(ms).toISOString();
  throw new UnreadableValue(`the time ${ms} ms, which no calendar has`);
}
