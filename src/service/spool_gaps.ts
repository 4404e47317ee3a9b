import type { MissingRange } from "../buffer/spool/mod.ts";

/** Numbers of one table that will not arrive there for one reason. */
export interface GapSum {
  /** `catalog.schema.table`. */
  readonly table: string;
  /** As in `MissingRange`. */
  readonly reason: string;
  readonly numbers: number;
  /** When the last of them was noted: microseconds since 1970-01-01 UTC; 0 where nobody noted it. */
  readonly latestUs: number;
}

/** Sums them up, in the order in which they come. Records that are damaged are left out: `spool gaps` tells of them. */
export async function sumOfGaps(ranges: AsyncIterable<MissingRange>): Promise<GapSum[]> {
  const sums = new Map<string, GapSum>();
  for await (const { table, firstSeq, lastSeq, reason, timeUs } of ranges) {
    const numbers = lastSeq - firstSeq + 1;
    if (!Number.isSafeInteger(numbers) || numbers < 1) continue;
    const key = JSON.stringify([table, reason]);
    const before = sums.get(key);
    sums.set(key, {
      table,
      reason,
      numbers: numbers + (before?.numbers ?? 0),
      latestUs: Math.max(Number.isSafeInteger(timeUs) ? timeUs : 0, before?.latestUs ?? 0),
    });
  }
  return [...sums.values()];
}
