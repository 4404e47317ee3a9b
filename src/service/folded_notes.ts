/** What is asked again and again, such as by a page that polls: the audit has a line for the first time, and one for the rest. */
import type { AuditNote } from "../security/mod.ts";

/** How long what is the same is counted together. */
const FOLD_US = 300e6;
/** More are not kept apart: the oldest are written. */
const MAX_OPEN = 500;

interface Open {
  readonly note: AuditNote;
  readonly since: number;
  /** Times after the first. */
  more: number;
}

export class FoldedNotes {
  readonly #write: (note: AuditNote) => void;
  readonly #clock: { nowUs(): number };
  readonly #open = new Map<string, Open>();

  /** `write` may throw: then it is tried again with what comes next. */
  constructor(write: (note: AuditNote) => void, clock: { nowUs(): number }) {
    this.#write = write;
    this.#clock = clock;
  }

  /** @throws what writing throws */
  note(note: AuditNote): void {
    this.flush();
    const key = JSON.stringify(note);
    const open = this.#open.get(key);
    if (open) {
      open.more++;
      return;
    }
    this.#write(note);
    this.#open.set(key, { note, since: this.#clock.nowUs(), more: 0 });
  }

  /** Writes how often each came again, where its time is over; of all of them where nothing will follow. */
  flush({ isLast = false } = {}): void {
    const nowUs = this.#clock.nowUs();
    for (const [key, { note, since, more }] of [...this.#open]) {
      const isOver = nowUs - since >= FOLD_US || nowUs < since || this.#open.size > MAX_OPEN;
      if (!isOver && !isLast) continue;
      if (more > 0) this.#write({ ...note, detail: { ...note.detail, more_times: more, since: isoTime(since) } });
      this.#open.delete(key);
    }
  }
}

function isoTime(us: number): string {
  return new Date(us / 1000).toISOString();
}
