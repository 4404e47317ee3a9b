import type { BreakerState, SourceState } from "./event.ts";

/** The latest failure of a part. `since` is when it was reported, microseconds since 1970-01-01 UTC. */
export interface LastError {
  readonly code: string;
  readonly message: string;
  readonly since: number;
}

/** Where one source stands, for people. */
export interface SourceStatus {
  readonly state: SourceState["state"];
  /** Microseconds since 1970-01-01 UTC. */
  readonly since: number;
  /** Whether an attempt to connect it has ended, well or not. */
  readonly wasTried: boolean;
  /** Where it was last connected; undefined: nowhere yet. */
  readonly endpoint: string | undefined;
  readonly recordsRead: number;
  /** When readings of it were last accepted, microseconds since 1970-01-01 UTC; undefined: never. */
  readonly lastReadingUs: number | undefined;
  /** When readings of it were last accepted, or, before the first, it was first connected: milliseconds of a clock that never jumps. */
  readonly quietSinceMs: number;
  /** Tags that give no value now, in this session. */
  readonly failingTags: number;
  /** When it is tried again, microseconds since 1970-01-01 UTC; undefined while it is connected or given up. */
  readonly nextAttemptUs: number | undefined;
  /** Kept after the source is connected again: what it was, not what it is. */
  readonly lastError: LastError | undefined;
}

/** Where the way to one table stands. */
export interface LaneStatus {
  readonly breaker: BreakerState;
  /** When it was last closed or ceased to be, microseconds since 1970-01-01 UTC: tries in an outage do not move it. */
  readonly breakerSince: number;
  /** When sending is tried again, microseconds since 1970-01-01 UTC; undefined while rows are sent or a try is made. */
  readonly nextAttemptUs: number | undefined;
  /** Whether the last attempt to send or connect succeeded; false before the first. */
  readonly isConnected: boolean;
  readonly lastError: LastError | undefined;
}

/** What the spool holds, and where that leads. */
export interface SpoolOutlook {
  /** Rows on disk alone. */
  readonly rows: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly trend: SpoolTrend;
}

/** By the pace of the last minutes. Steady: as far as anybody can tell, neither. */
export type SpoolTrend =
  | { readonly kind: "steady" }
  | { readonly kind: "filling"; readonly fullInSeconds: number }
  | { readonly kind: "draining"; readonly emptyInSeconds: number };
