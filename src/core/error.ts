/**
 * What the loop that meets an error does with it.
 *
 * - `retry`: the same attempt may succeed later.
 * - `reject`: this one reading can never succeed; it becomes a dead letter.
 * - `halt`: nothing helps until a person changes something; the part stops, its data is kept.
 */
export type Disposition = "retry" | "reject" | "halt";

/** A failure the product foresaw. `code` is the same snake_case word in API answers, log lines and metric labels. */
export abstract class EdgeError extends Error {
  abstract readonly disposition: Disposition;
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The peer cannot be reached, or the session with it was lost. */
export class ConnectionError extends EdgeError {
  readonly disposition = "retry";
}

/** The peer is there and does not answer in time. */
export class TimeoutError extends EdgeError {
  readonly disposition = "retry";
}

/** The buffer has no room and its policy is to push back. */
export class SpoolFullError extends EdgeError {
  readonly disposition = "retry";
}

/** Bytes from a device that are not what the configuration says they are. */
export class DecodeError extends EdgeError {
  readonly disposition = "reject";
}

/** A row that the target refuses for good. */
export class RejectedError extends EdgeError {
  readonly disposition = "reject";
}

/** Credentials, certificates or grants that the peer does not accept. */
export class AuthError extends EdgeError {
  readonly disposition = "halt";
}

/** A setting, here or at the peer, that cannot work. `path` is the setting's place in the configuration, where it is one. */
export class ConfigError extends EdgeError {
  readonly disposition = "halt";
  readonly path: string | undefined;

  constructor(code: string, message: string, options?: ErrorOptions & { path?: string }) {
    super(code, message, options);
    this.path = options?.path;
  }
}

/** The word that stands for an error in answers, log lines and labels; for one that nobody foresaw it is `bug`. */
export function codeOf(error: unknown): string {
  return error instanceof EdgeError ? error.code : "bug";
}

/** The text of whatever was thrown, for the end of a sentence: `Cannot open spool: ${reasonOf(error)}`. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
