/** One moment of the charts. Rates are per second. */
export interface Sample {
  /** Seconds since 1970-01-01 UTC. */
  readonly at: number;
  /** Undefined before two looks at the ledger. */
  readonly read: number | undefined;
  readonly written: number | undefined;
  readonly queue: number;
  readonly spoolBytes: number;
  /** Undefined while nothing is acknowledged. */
  readonly ackMs: number | undefined;
}

/** Fifteen minutes at one sample a second. */
export const KEPT_SECONDS = 900;

/** `samples` with one more, without what is too old. A sample of the same second, or of before, is left out. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && sample.at <= last.at) return samples;
  return [...samples.filter(({ at }) => at > sample.at - KEPT_SECONDS), sample];
}

/** What is known of one series, in uPlot's form: times, then values; null where there is none. */
export function columnsOf(
  samples: readonly Sample[],
  keys: readonly (keyof Sample)[],
): [number[], ...(number | null)[][]] {
  return [samples.map(({ at }) => at), ...keys.map((key) => samples.map((sample) => sample[key] ?? null))];
}
