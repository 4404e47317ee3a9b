import type { Clock } from "../../core/clock.ts";
import type { Report } from "../../core/event.ts";
import type { Lane } from "../../core/lane.ts";
import type { Row } from "../../core/reading.ts";
import type { DropPolicy } from "../memory_buffer.ts";

export interface SpoolBufferOptions {
  readonly edgeId: string;
  readonly bootEpoch: number;
  /** Absolute paths. */
  readonly directory: string;
  readonly keyPath: string;
  readonly isCompressed: boolean;
  /** Sealed bytes of rows that it may hold. */
  readonly maxBytes: number;
  readonly dropPolicy: DropPolicy;
  /** Part of `maxBytes` above which it is reported as nearly full. */
  readonly warningThreshold: number;
  /** Rows that were never sent and are kept in memory beside the disk. */
  readonly maxUnsent: number;
  /** The same bound in bytes. */
  readonly maxUnsentBytes: number;
  /** Part of these bounds above which rows go to disk; undefined: they go there at once. */
  readonly spillThreshold?: number;
  readonly commitIntervalMs: number;
  readonly reserveMb: number;
  readonly maxRowBytes: number;
  readonly maxDeadLetterBytes: number;
  /** What cannot be accepted is counted as filtered, and not kept as a dead letter. */
  readonly isInvalidLetGo?: boolean;
  readonly clock: Clock;
  readonly report: Report;
  /** Told once when the file turns out damaged: it is replaced, and what is left of it read back, at the next start. */
  readonly damaged?: (error: Error) => void;
  /** Whether rows of another connector may come into this lane; absent: into every one. */
  readonly mayImport?: (lane: Lane) => boolean;
  /** Told of a lane that rows come to by other ways than from a source. */
  readonly onLane?: (lane: string) => void;
  /** Sees every row as it is accepted: for a copy that may lag or lose. */
  readonly tap?: (lane: string, rows: readonly Row[]) => void;
}
