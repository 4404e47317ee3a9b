import type { Batch } from "../core/reading.ts";
import type { DecodeError, EdgeError } from "../core/error.ts";
import type { Lane } from "../core/lane.ts";
import type { Row, Rows } from "../core/reading.ts";
import type { Encode } from "../core/source.ts";
import type { DeadLetter } from "./dead_letters.ts";
import type { LedgerSnapshot } from "./ledger.ts";

/** Where the readings of one source go, and how they become rows. */
export interface Route {
  readonly source: string;
  readonly lane: Lane;
  readonly encode: Encode;
  /** Says why a row may not be accepted; undefined where it may. Absent where no row needs to be looked at. */
  readonly fault?: ((row: Uint8Array) => DecodeError | undefined) | undefined;
}

/** What a source hands over, without the promise to answer it. */
export interface Handover extends Pick<Batch, "readings" | "refusals" | "isWithheld"> {
  /** Follows it, where it is traced. */
  readonly trace?: AcceptTrace;
}

/** Is told of the way of a handover through the buffer. */
export interface AcceptTrace {
  /** Calls `make`, which makes rows. */
  encode<T>(make: () => T): T;
  /** These rows of it wait in a lane from now on. */
  placed(lane: string, firstSeq: number, lastSeq: number): void;
}

/** For what was accepted: when it can no longer be lost. */
export interface Receipt {
  /**
   * Resolves when every row of the handover is on disk, at the sink, or a dead letter.
   * @throws {EdgeError} when that will not happen in this run: the buffer was closed first
   */
  readonly durable: Promise<void>;
}

/**
 * Everything between accepting a reading and the sink's acknowledgement: rows in order per lane, the dead letters and
 * the ledger, which changes with them. There is one writer and, per lane, one reader.
 */
export interface Buffer extends AsyncDisposable {
  /**
   * Takes readings in, gives each its `seq`, and encodes it. Waits while the buffer is full and its policy is to push
   * back; what was not taken in by then is not counted.
   * @throws the signal's reason, when it aborts during that wait
   */
  accept(handover: Handover, route: Route, signal: AbortSignal): Promise<Receipt>;
  /**
   * The lane's rows in order, from the first that is not acknowledged, for as long as the signal lets it. Calling it
   * again starts there again: that is how rows in doubt are resent. Ends by itself only when the signal aborts.
   * The rows may be looked at until they are acknowledged or refused; whoever needs one for longer keeps a copy.
   */
  next(lane: string, signal: AbortSignal): AsyncIterable<Rows>;
  /** The sink has every row of the lane up to this `seq`. `signal` ends a wait for the disk. @throws the signal's reason */
  ack(lane: string, upTo: number, signal?: AbortSignal): Promise<void>;
  /**
   * The sink refuses this row for good: it becomes a dead letter. A later `ack` beyond it does not count it again. `signal`
   * ends a wait for the disk. @throws the signal's reason
   */
  reject(row: Row, why: EdgeError, signal?: AbortSignal): Promise<void>;
  /** The sink of a lane is away: its rows are not to wait where a kill would take them. */
  sinkAway?(lane: string): void;
  /** The sources end: what their devices wait for is to be durable soon. */
  sourcesEnd?(): void;
  /** Resolves when no accepted row waits for the sink any more. @throws the signal's reason */
  drained(signal: AbortSignal): Promise<void>;
  /** Ids of the lanes in which rows wait: at a start, those that an earlier one left. */
  lanes(): readonly string[];
  /** What is where now. Measures the gauges, so that a balance is more than arithmetic. */
  ledger(): LedgerSnapshot;
  level(): BufferLevel;
  /** The newest first, at most `limit`. */
  deadLetters(limit: number): readonly DeadLetter[];
}

/** How full it is. */
export interface BufferLevel {
  /** Rows in memory that were never sent. */
  readonly unsent: number;
  readonly maxUnsent: number;
  /** There is no room for further rows now: sources wait, or rows are let go. */
  readonly isFull: boolean;
  /** Rows not acknowledged, sent or not, in memory or on disk. */
  readonly queued: number;
  readonly queuedBytes: number;
  readonly spooledBytes: number;
}
