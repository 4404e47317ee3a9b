/** Why a stream is over. */
export type StreamEnd = "rotated" | "failed" | "poisoned" | "closed";

/** Everything the Zerobus sink does that is worth a counter or a log line, one value per occurrence. */
export type ZerobusEvent =
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
  | { readonly kind: "columns_read"; readonly table: string; readonly from: ColumnsFrom; readonly count: number };

/** Where a table's columns were learned: asked for, kept on disk from an earlier time, or the published ones. */
export type ColumnsFrom = "unity_catalog" | "disk" | "bundled";

/** Takes every event. Never throws, never waits. */
export type ReportZerobus = (event: ZerobusEvent) => void;
