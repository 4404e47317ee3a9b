/**
 * Why the host's time cannot be trusted. `before_release`: it is earlier than this version of the connector. `went_back`:
 * it is earlier than it already was, here or in an earlier run.
 */
export type ClockDoubt = "before_release" | "went_back";

/** Time, handed to whatever needs it, so that tests can move it. */
export interface Clock {
  /** Microseconds since 1970-01-01 UTC, by the host's clock: for event and ingest times. May jump. */
  nowUs(): number;
  /** Milliseconds of a clock that never jumps: for intervals, ages and deadlines. */
  monotonicMs(): number;
  /** Resolves after `ms`. @throws the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `task` every `ms` until disposed. Never overlaps an unfinished call. */
  every(ms: number, task: () => void | Promise<void>): Disposable;
  /** Whether the host's time is known to be wrong now, and how; not there for a clock that nobody judges. */
  doubt?(): ClockDoubt | undefined;
}
