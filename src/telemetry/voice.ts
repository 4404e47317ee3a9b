import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { Fold } from "./fold.ts";
import type { Metrics } from "./metrics.ts";

/** What each event's function writes with. */
export interface Voice {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly fold: Fold;
  /** The protocol of a configured source. */
  protocolOf(source: string): string;
  /** The host's time, microseconds since 1970-01-01 UTC. */
  nowUs(): number;
}

export interface TelemetryOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Pick<Clock, "monotonicMs" | "nowUs">;
  /** The protocol of a configured source, for the metric `connector_records_read_total`. */
  readonly protocolOf: (source: string) => string;
}

export function voiceOf({ log, metrics, clock, protocolOf }: TelemetryOptions): Voice {
  return { log, metrics, fold: new Fold(clock), protocolOf, nowUs: () => clock.nowUs() };
}

/** When something is tried again, as the end of a sentence. */
export function nextAttempt(retryInMs: number): string {
  return retryInMs > 0 ? `next attempt in ${inWords(retryInMs)}` : "no further attempt";
}

/** `250 ms`, `5 s`, `2 min`. */
export function inWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 100) / 10} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** How often it happened since the last line, where it was more than this once. */
export function repeated(total: number): { repeated?: number } {
  return total > 1 ? { repeated: total } : {};
}
