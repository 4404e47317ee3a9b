/** OPC UA times: 100 ns ticks since 1601-01-01 UTC, a signed 64-bit number (Part 6, 5.2.2.5). */

const TWO_32 = 4_294_967_296;
/** 1601 to 1970 in microseconds, as `WHOLE * 2^32 + REST`, so that no step of the conversion passes 2^53. */
const EPOCH_US = 11_644_473_600_000_000n;
const WHOLE = Number(EPOCH_US / BigInt(TWO_32));
const REST = Number(EPOCH_US % BigInt(TWO_32));
const MAX_HIGH = 0x7fffffff;
const MAX_LOW = 0xffffffff;

/**
 * Ticks, as the halves of the 64-bit number, in microseconds since 1970-01-01 UTC, truncated. Undefined for the two
 * values that mean "no time": the earliest, 0 or less, and the latest, 2^63 - 1 (Part 6, 5.2.2.5).
 */
export function ticksToUs(low: number, high: number): number | undefined {
  if (high < 0 || (high === 0 && low === 0) || (high === MAX_HIGH && low === MAX_LOW)) return undefined;
  const tens = Math.floor(high / 10);
  return (tens - WHOLE) * TWO_32 + Math.floor(((high % 10) * TWO_32 + low) / 10) - REST;
}

/** Ticks as ISO 8601 with seven digits, which is all of them: `2024-01-02T03:04:05.1234567Z`. */
export function ticksToIso(ticks: bigint): string {
  let seconds = ticks / 10_000_000n;
  let rest = ticks % 10_000_000n;
  if (rest < 0n) {
    seconds -= 1n;
    rest += 10_000_000n;
  }
  const date = new Date(Number(seconds - EPOCH_US / 1_000_000n) * 1000).toISOString();
  return `${date.slice(0, -5)}.${rest.toString().padStart(7, "0")}Z`;
}
