import type { EdgeError } from "./error.ts";
import type { Row, Rows } from "./reading.ts";

/** A row that the target refused for good, and why. */
export interface RejectedRow {
  readonly row: Row;
  readonly reason: EdgeError;
}

/** The answer to one `send`: every row of it is durable at the far side, but for those in `rejected`. */
export interface SendResult {
  readonly rejected: readonly RejectedRow[];
}

/**
 * The way to one lane's table. `send` may be called again before earlier calls resolve: that is how acknowledgements
 * are waited for without stopping. First sends reach the far side in the order of the calls.
 *
 * After a call rejects, the rows of that call and of every later unresolved one are in doubt: each of those calls rejects
 * too, and the caller sends all of them again, oldest first, after `connect`.
 */
export interface Sink extends AsyncDisposable {
  /** Opens the way; also after a failure. @throws {ConnectionError} @throws {AuthError} @throws {ConfigError} */
  connect(signal: AbortSignal): Promise<void>;
  /** Resolves once durable at the far side. @throws {ConnectionError} @throws {TimeoutError} @throws {AuthError} @throws {ConfigError} */
  send(rows: Rows, signal: AbortSignal): Promise<SendResult>;
}
