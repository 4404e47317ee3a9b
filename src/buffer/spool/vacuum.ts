import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/clock.ts";

const LOOK_MS = 30_000;
/** Free pages that one step gives back: 2 MB, some milliseconds during which nothing else happens. */
const STEP_PAGES = 500;
/** So much free room stays in the file: rows that come need it again, and then the file need not grow. */
const KEPT_BYTES = 16 * 1024 * 1024;

export interface VacuumOptions {
  /** Of the database. */
  readonly path: string;
  readonly clock: Clock;
  /** Whether nothing is being written at the moment. */
  readonly isIdle: () => boolean;
}

/** Gives the room that a backlog took in the file back to the disk, bit by bit, when nothing is written at the moment. */
export function vacuumWhenIdle({ path, clock, isIdle }: VacuumOptions): Disposable {
  const stopped = new AbortController();
  const timer = clock.every(LOOK_MS, async () => {
    while (!stopped.signal.aborted && isIdle() && step(path)) await nextTurn();
  });
  return {
    [Symbol.dispose]() {
      stopped.abort();
      timer[Symbol.dispose]();
    },
  };
}

/** Gives some pages back. Says whether there are more to be given back. */
function step(path: string): boolean {
  try {
    // The same library serves the store: its locks know of one another, and closing one leaves those of the other.
    using db = new DatabaseSync(path);
    const pages = numberOf(db, "freelist_count");
    if (pages * numberOf(db, "page_size") <= KEPT_BYTES) return false;
    db.prepare(`PRAGMA incremental_vacuum(${STEP_PAGES})`).all();
    return numberOf(db, "freelist_count") < pages; // not so in a file that was made without it
  } catch {
    return false; // it is being written, or cannot be: another time, and whoever needs it meets the error
  }
}

function numberOf(db: DatabaseSync, pragma: "freelist_count" | "page_size"): number {
  return Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
