import type { SourceEntry } from "../config/mod.ts";
import type { RecentReadings } from "../pipeline/mod.ts";
import { type Sample, sampleOf } from "./sample_source.ts";

/** What a source read last, and as what: its settings may be others by now. */
export interface RecentSource {
  readonly entry: SourceEntry;
  readonly readings: RecentReadings;
}

/** The rows that they became, the newest first, without what only an accepted one has. */
export function recentSamples({ entry: { spec, config }, readings }: RecentSource, most: number): Sample[] {
  const encode = spec.encoder(config);
  return readings.look().slice(0, most).map((reading) => sampleOf(spec, encode, reading));
}
