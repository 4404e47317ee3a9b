/**
 * What people look at to find how messages should be read: those of a topic as they come, and what the settings would make
 * of each. An adapter that can listen has `listen` beside `create` (`SourceAdapter`).
 */
import type { Reading } from "./reading.ts";

/** A session of its own, beside the one that reads, which it leaves alone. */
export interface ListenSession extends AsyncDisposable {
  /**
   * `signal` bounds this attempt only.
   * @throws {ConnectionError} the peer cannot be reached @throws {AuthError} it refuses us @throws {ConfigError} a setting cannot work
   */
  connect(signal: AbortSignal): Promise<void>;
  /**
   * Messages as they come, until `signal` aborts. What comes faster than it is taken is left out and counted.
   * @throws {ConfigError} with code `listen_no_filter` when it listens to nothing @throws {ConnectionError} the session is lost
   */
  messages(filter: string, signal: AbortSignal): AsyncIterable<HeardMessage>;
}

/** One message that was heard. */
export interface HeardMessage {
  readonly topic: string;
  /** Microseconds since 1970-01-01 UTC. */
  readonly arrivedUs: number;
  readonly qos: number;
  readonly isRetained: boolean;
  /** The payload, or its first part where `payloadBytes` is more. */
  readonly payload: Uint8Array;
  readonly payloadBytes: number;
  /** What the payload says, in words, where neither text nor bytes show it. */
  readonly decoded: string | undefined;
  /** What the settings make of it. */
  readonly readings: readonly Reading[];
  /** Why they make nothing of it, or not all. */
  readonly reason: string | undefined;
  /** Messages that came before this one and were left out. */
  readonly missed: number;
}
