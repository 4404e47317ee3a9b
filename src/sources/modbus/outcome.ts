import { ConnectionError } from "../../core/error.ts";

/** How a read ended, while the connection goes on. `arrivedUs` is in microseconds since 1970-01-01 UTC. */
export type Outcome =
  | { readonly kind: "data"; readonly data: DataView; readonly arrivedUs: number }
  | { readonly kind: "exception"; readonly code: number }
  | {
    readonly kind: "timeout";
    /** What came in place of an answer, as the end of "unit 7 …". */
    readonly heard?: string;
    /** Until then, by the monotonic clock, a request whose answer looks like this one's has to wait. */
    readonly clearAtMs?: number;
  };

/** The connection ended while a request waited: by its answer, or in place of it. */
export class AnswerError extends ConnectionError {
  /** What ended it. */
  readonly reason: string;

  constructor(message: string, { reason, cause }: { reason: string; cause: unknown }) {
    super("modbus_connection_lost", message, { cause });
    this.reason = reason;
  }
}
