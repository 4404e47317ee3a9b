import { reasonOf } from "../../core/error.ts";
import type { Report } from "../../core/event.ts";
import { markDamaged } from "./salvage_file.ts";

export interface DamageAlarmOptions {
  readonly directory: string;
  readonly report: Report;
  /** Told once when the file turns out damaged: what it still holds comes back with the next start alone. */
  readonly damaged?: (error: Error) => void;
}

/** For a file that turns out damaged while it is in use: has it replaced at the next start, and tells so, once. */
export function damageAlarm({ directory, report, damaged }: DamageAlarmOptions): (error: Error) => void {
  let isTold = false;
  return (error) => {
    if (isTold) return;
    isTold = true;
    const reason = reasonOf(error);
    try {
      markDamaged(`${directory}/spool.db`, reason);
    } catch {
      // A disk that does not take the note either: then the next start has to meet the damage by itself.
    }
    report({ kind: "spool_damaged", reason });
    damaged?.(error);
  };
}
