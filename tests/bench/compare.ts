/** Medians over runs, and ratios taken run by run: the machine's speed drifts, and neighbours in time share it. */
import type { Result } from "./result.ts";

/** What a case is compared with. */
export interface Goal {
  /** The end of "0.97 of …". */
  readonly of: string;
  /** The least ratio wanted; undefined where the ratio is only worth knowing. */
  readonly least?: number;
}

/** One case in every run: the figures' medians. */
export function medianResult(results: readonly Result[]): Result {
  const [first] = results;
  if (!first) throw new RangeError("no run");
  return {
    name: first.name,
    rowsPerSecond: median(results.map((each) => each.rowsPerSecond)),
    cpuPerMillion: median(results.map((each) => each.cpuPerMillion)),
    peakMb: median(results.map((each) => each.peakMb)),
  };
}

/** The median of the rates' ratios, run by run, beside the goal. */
export function comparison(ones: readonly Result[], others: readonly Result[], { of, least }: Goal): string {
  const ratios = ones.map((one, i) => one.rowsPerSecond / (others[i]?.rowsPerSecond ?? NaN));
  const goal = least === undefined ? "" : ` (goal ${least})`;
  return `${median(ratios).toFixed(2)} of ${of}${goal}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
