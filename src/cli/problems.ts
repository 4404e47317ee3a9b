import type { Logger } from "../core/logger.ts";
import { printable } from "./printable.ts";

/** A log of which a person sees what goes wrong. */
export function problemsTo(err: (text: string) => void): Logger {
  const log: Logger = {
    log: (level, message) => {
      if (level === "warn" || level === "error") err(`${level}: ${printable(message)}\n`);
    },
    with: () => log,
  };
  return log;
}
