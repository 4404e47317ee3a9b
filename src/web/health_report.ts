import type { BreakerState } from "../core/event.ts";
import type { LaneStatus } from "../core/status.ts";
import { type HealthAnswer, healthAnswer, type HealthStatus, type HealthView } from "./health_answer.ts";

/** What `GET /health` is told from. */
export interface HealthReportView extends HealthView {
  /** Whether rows go to Databricks. */
  isZerobusEnabled(): boolean;
  /** The protocol of a source. */
  protocolOf(source: string): string;
  /** Readings that a drop policy let go, in all. */
  recordsDropped(): number;
}

type SourceNow = HealthAnswer["sources"][string];
type LastError = NonNullable<SourceNow["last_error"]>;

interface SourceReport extends Omit<SourceNow, "state" | "last_error"> {
  readonly name: string;
  readonly protocol: string;
  /** Its state. */
  readonly status: string;
  readonly last_error: LastError | null;
}

/**
 * What `GET /health` answers: the members that tools of others look for, and what the API tells beside them. Times are ISO
 * 8601.
 */
export interface HealthReport extends Omit<HealthAnswer, "status" | "sources"> {
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** All tables together. */
  readonly zerobus: {
    readonly enabled: boolean;
    readonly connected: boolean;
    /** The worst of them. */
    readonly circuit_breaker_state: BreakerState;
    /** The newest. */
    readonly last_error: LastError | null;
  };
  readonly sources: readonly SourceReport[];
  readonly backpressure: {
    /** Rows that wait, in memory or on disk. */
    readonly queue_depth: number;
    readonly spool_size_mb: number;
    readonly records_dropped: number;
  };
}

const WORDS: Readonly<Record<HealthStatus, HealthReport["status"]>> = {
  ok: "healthy",
  degraded: "degraded",
  down: "unhealthy",
};

export function healthReport(view: HealthReportView): HealthReport {
  const { status, sources, sinks, queue, ...rest } = healthAnswer(view);
  return {
    status: WORDS[status],
    ...rest,
    zerobus: zerobusReport(view, sinks),
    sources: Object.entries(sources).map(([name, { state, last_error = null, ...source }]) => (
      { name, protocol: view.protocolOf(name), status: state, ...source, last_error }
    )),
    sinks,
    backpressure: {
      queue_depth: queue.queued,
      spool_size_mb: Math.round((queue.spooled_bytes / (1024 * 1024)) * 1000) / 1000,
      records_dropped: view.recordsDropped(),
    },
    queue,
  };
}

function zerobusReport(view: HealthReportView, sinks: HealthAnswer["sinks"]): HealthReport["zerobus"] {
  const lanes = view.isZerobusEnabled() ? [...view.lanes().values()] : [];
  const errors = Object.values(sinks).flatMap(({ last_error }) => last_error ?? []);
  const newest = errors.toSorted((a, b) => b.since.localeCompare(a.since))[0];
  return {
    enabled: view.isZerobusEnabled(),
    connected: lanes.some(({ isConnected }) => isConnected) && lanes.every(isNotLost),
    circuit_breaker_state: worst(lanes.map(({ breaker }) => breaker)),
    last_error: view.isZerobusEnabled() ? newest ?? null : null,
  };
}

/** A table that nothing was sent to yet is not lost. */
function isNotLost({ isConnected, lastError }: LaneStatus): boolean {
  return isConnected || lastError === undefined;
}

function worst(states: readonly BreakerState[]): BreakerState {
  const order: readonly BreakerState[] = ["open", "half_open"];
  return order.find((state) => states.includes(state)) ?? "closed";
}
