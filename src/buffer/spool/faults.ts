/** What the store cannot do, told apart. Its library knows one class of error: here, and nowhere else, its words count. */
import { reasonOf } from "../../core/error.ts";

/** There is no room on the disk. Nothing of the transaction was kept. */
export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
}

/** The file is not what was written. */
export class DamagedError extends Error {
  override readonly name = "DamagedError";
}

/** The same error in these classes, where it is one of these. */
export function storeFault(error: unknown): unknown {
  const reason = reasonOf(error);
  if (/disk is full|no space left/i.test(reason)) return new DiskFullError(reason, { cause: error });
  if (/malformed|not a database|corrupt/i.test(reason)) {
    return new DamagedError(reason, { cause: error });
  }
  return error;
}
