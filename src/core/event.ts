import type { ClockDoubt } from "./clock.ts";
import type { EdgeError } from "./error.ts";
import type { SourceEvent } from "./source.ts";

/** Where a source stands. `since` is in microseconds since 1970-01-01 UTC. */
export type SourceState =
  | { readonly state: "stopped"; readonly since: number }
  | { readonly state: "connecting"; readonly since: number; readonly attempt: number }
  | { readonly state: "connected"; readonly since: number }
  /** The protocol's library is mending the session; no data flows. */
  | { readonly state: "repairing"; readonly since: number; readonly reason: string }
  | { readonly state: "waiting"; readonly since: number; readonly retryInMs: number }
  /** Failed as often in a row as it may: not tried again before the next start. */
  | { readonly state: "given_up"; readonly since: number }
  /** Nothing helps until its configuration or the device's changes; tried again slowly all the same. */
  | { readonly state: "halted"; readonly since: number; readonly retryInMs: number };

/** Closed: rows are sent. Open: they wait in the buffer. Half open: one send at a time, to see whether the sink is back. */
export type BreakerState = "closed" | "open" | "half_open";

/** Why rows go to disk that could wait in memory. */
export type SpillReason = "queue_high" | "sink_away" | "slow_acknowledgement" | "command" | "stop";

/**
 * Everything that happens between devices and tables and is worth a log line or a counter. One value per occurrence;
 * `src/telemetry` turns each kind into its line and its metrics, so that names cannot drift.
 */
export type ConnectorEvent =
  | { readonly kind: "source_state"; readonly source: string; readonly state: SourceState }
  /** A source is connected at another endpoint than before, or for the first time. */
  | {
    readonly kind: "source_endpoint";
    readonly source: string;
    readonly endpoint: string;
    /** Which of its endpoints that is, from 1, and how many it has. */
    readonly number: number;
    readonly count: number;
    /** Where it was connected before; undefined: nowhere yet. */
    readonly before: string | undefined;
    /** The one that failed last; undefined where none did. */
    readonly left: { readonly endpoint: string; readonly reason: string } | undefined;
  }
  /** `goesOn`: another endpoint of it is tried at once. */
  | {
    readonly kind: "source_failed";
    readonly source: string;
    readonly error: EdgeError;
    readonly retryInMs: number;
    readonly goesOn?: boolean;
  }
  | {
    readonly kind: "source_bug";
    readonly source: string;
    readonly error: Error;
    readonly retryInMs: number;
    readonly goesOn?: boolean;
  }
  | { readonly kind: "source_given_up"; readonly source: string; readonly error: Error; readonly attempts: number }
  /** Its limit of readings per second holds it back, for so long this time. */
  | { readonly kind: "source_held_back"; readonly source: string; readonly perSecond: number; readonly waitMs: number }
  | { readonly kind: "source_event"; readonly source: string; readonly event: SourceEvent }
  | {
    readonly kind: "readings_accepted";
    readonly source: string;
    readonly count: number;
    /** Event time of the last of them, microseconds since 1970-01-01 UTC; undefined where it is not known. */
    readonly lastEventUs?: number | undefined;
  }
  | { readonly kind: "queue_level"; readonly isHigh: boolean; readonly unsent: number; readonly maxUnsent: number }
  | {
    readonly kind: "readings_dropped";
    readonly source: string;
    readonly reason: string;
    readonly count: number;
    /** Event times of the first and last of them, microseconds since 1970-01-01 UTC. */
    readonly fromUs: number;
    readonly toUs: number;
  }
  | {
    readonly kind: "dead_letter";
    readonly source: string;
    readonly tag: string;
    readonly table: string;
    readonly error: EdgeError;
  }
  /** A reading or message that cannot be accepted was let go, as validation is told to. */
  | { readonly kind: "reading_filtered"; readonly source: string; readonly tag: string; readonly error: EdgeError }
  | { readonly kind: "sink_connected"; readonly lane: string }
  | { readonly kind: "sink_failed"; readonly lane: string; readonly error: EdgeError; readonly retryInMs: number }
  | { readonly kind: "sink_bug"; readonly lane: string; readonly error: Error; readonly retryInMs: number }
  | { readonly kind: "breaker"; readonly lane: string; readonly state: BreakerState }
  | { readonly kind: "rows_sent"; readonly lane: string; readonly count: number; readonly bytes: number }
  | { readonly kind: "rows_written"; readonly lane: string; readonly count: number; readonly ackMs: number }
  | { readonly kind: "copy_dropped"; readonly lane: string; readonly count: number }
  /** The copy of a lane cannot be written now; the lane itself is not concerned. */
  | { readonly kind: "copy_failed"; readonly lane: string; readonly error: Error; readonly retryInMs: number }
  /** What an earlier process left in the spool: it is sent first. */
  | { readonly kind: "spool_restored"; readonly rows: number; readonly bytes: number }
  | { readonly kind: "spool_level"; readonly isHigh: boolean; readonly bytes: number; readonly maxBytes: number }
  /** Rows that would stay in memory go to disk, for this reason; undefined: they stay in memory again. */
  | { readonly kind: "spill"; readonly lane: string; readonly reason: SpillReason | undefined }
  /** Rows that were in memory alone, and that a kill may have taken: at most so many. */
  | { readonly kind: "lost_at_crash"; readonly table: string; readonly firstSeq: number; readonly lastSeq: number }
  /** The spool cannot be written: sources wait. */
  | { readonly kind: "spool_stalled"; readonly reason: string }
  | { readonly kind: "spool_resumed" }
  /** The spool's file cannot be read: what is left of it is looked for, page by page, which takes minutes for gigabytes. */
  | { readonly kind: "spool_salvage_begun"; readonly bytes: number; readonly reason: string }
  /** One of the files that were put aside earlier was deleted: only the newest stay. */
  | { readonly kind: "spool_remains_deleted"; readonly path: string }
  /** The spool's file could not be read; it was put aside under the name `kept`, and a new one begun. */
  | { readonly kind: "spool_replaced"; readonly kept: string; readonly reason: string }
  /** What the new file has of the one that was put aside. `lost`: rows and letters that are missing; they count as quarantined. */
  | {
    readonly kind: "spool_salvaged";
    readonly rows: number;
    readonly letters: number;
    readonly lost: number;
    /** Why not all that can be read was copied. */
    readonly failure?: string;
  }
  /** Nothing of the file that was put aside is in the new one. */
  | { readonly kind: "spool_salvage_failed"; readonly reason: string }
  /** The spool's file turned out damaged while it was in use: nothing is written any more until the next start. */
  | { readonly kind: "spool_damaged"; readonly reason: string }
  /** Rows in the spool that cannot be read were put aside. */
  | { readonly kind: "rows_quarantined"; readonly lane: string; readonly count: number; readonly reason: string }
  /** The host's time is known to be wrong from now on: rows say so. `behindUs`: by how much it went back, where it did. */
  | {
    readonly kind: "host_clock_doubted";
    readonly doubt: ClockDoubt;
    readonly nowUs: number;
    readonly behindUs: number;
  }
  /** It is not known to be wrong any more. `steady`: it never caught up, and has run on for long enough to be believed. */
  | { readonly kind: "host_clock_trusted"; readonly why: "right" | "steady"; readonly nowUs: number }
  /** It was set ahead: what was stamped before may be behind by as much. */
  | { readonly kind: "host_clock_jumped"; readonly aheadUs: number }
  | { readonly kind: "ledger_unbalanced"; readonly difference: number };

/** Takes every event. Never throws, never waits. */
export type Report = (event: ConnectorEvent) => void;

/** Why a stream to a table is over. */
export type StreamEnd = "rotated" | "failed" | "poisoned" | "closed";

/** Where a table's columns were learned: asked for, kept on disk from an earlier time, or the published ones. */
export type ColumnsFrom = "unity_catalog" | "disk" | "bundled";

/** Everything a sink does by itself that is worth a counter or a log line, one value per occurrence. */
export type SinkEvent =
  | { readonly kind: "stream_opened"; readonly lane: string; readonly streamId: string; readonly openMs: number }
  | { readonly kind: "stream_ended"; readonly lane: string; readonly streamId: string; readonly why: StreamEnd }
  /** The service announced that it will end the stream after `graceMs`. */
  | { readonly kind: "rotation"; readonly lane: string; readonly graceMs: number }
  /** One request is durable: `ackMs` after it was written. */
  | {
    readonly kind: "request_acked";
    readonly lane: string;
    readonly rows: number;
    readonly bytes: number;
    readonly ackMs: number;
  }
  /** The service refused a row, and `streams` fresh streams were needed to find it. */
  | { readonly kind: "poison_found"; readonly lane: string; readonly streams: number }
  | { readonly kind: "token_refreshed"; readonly table: string | undefined }
  /** A refresh failed and the token that is still good serves on. */
  | { readonly kind: "token_refresh_failed"; readonly table: string | undefined; readonly reason: string }
  | { readonly kind: "columns_read"; readonly table: string; readonly from: ColumnsFrom; readonly count: number }
  /** A file that must not grow further let its oldest rows go. */
  | { readonly kind: "rows_pruned"; readonly table: string; readonly count: number }
  /** A file that could not be read was put aside under the name `kept`, and a new one begun. */
  | { readonly kind: "file_replaced"; readonly path: string; readonly kept: string; readonly reason: string };

/** Takes every event of the sinks. Never throws, never waits. */
export type ReportSink = (event: SinkEvent) => void;
