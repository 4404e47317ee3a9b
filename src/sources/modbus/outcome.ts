import { ConnectionError } from "../../core/error.ts";

/** How a read ended, while the connection goes on. `arrivedUs` is in microseconds since 1970-01-01 UTC. */
export type Outcome =
  | { readonly kind: "data"; readonly data: DataView; readonly arrivedUs: number }
  | { readonly kind: "exception"; readonly code: number }
  /** `heard` says what came in place of an answer, as the end of "unit 7 …". */
  | { readonly kind: "timeout"; readonly heard?: string };

/** The connection ended while a request waited: by its answer, or in place of it. */
export class AnswerError extends ConnectionError {
  /** What ended it. */
  readonly reason: string;

  constructor(message: string, { reason, cause }: { reason: string; cause: unknown }) {
    super("modbus_connection_lost", message, { cause });
    this.reason = reason;
  }
}
