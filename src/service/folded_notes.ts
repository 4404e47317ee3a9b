/** What is asked again and again, such as by a page that polls: the audit has a line for the first time, and one for the rest. */
import type { AuditNote } from "../security/mod.ts";

/** How long what is the same is counted together. */
const FOLD_US = 300e6;
/** More are not kept apart: the oldest are written. */
const MAX_OPEN = 500;
/** Of what was asked about, so many are named in a line; the others are counted. */
const MAX_NAMED = 20;
const MAX_NAME = 200;

interface Open {
  readonly note: AuditNote;
  readonly since: number;
  /** Times after the first. */
  more: number;
  /** What those were about. */
  readonly named: Set<string>;
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

  /**
   * `which`: what it is about, where that differs from time to time; it is counted together all the same, and named.
   * @throws what writing throws
   */
  note(note: AuditNote, which?: string): void {
    this.flush();
    const key = JSON.stringify(note);
    const name = which?.slice(0, MAX_NAME);
    const open = this.#open.get(key);
    if (open) {
      open.more++;
      if (name !== undefined && open.named.size <= MAX_NAMED) open.named.add(name);
      return;
    }
    this.#write(name === undefined ? note : { ...note, detail: { ...note.detail, which: name } });
    this.#open.set(key, { note, since: this.#clock.nowUs(), more: 0, named: new Set() });
  }

  /** Writes how often each came again, where its time is over; of all of them where nothing will follow. */
  flush({ isLast = false } = {}): void {
    const nowUs = this.#clock.nowUs();
    for (const [key, { note, since, more, named }] of [...this.#open]) {
      const isOver = nowUs - since >= FOLD_US || nowUs < since || this.#open.size > MAX_OPEN;
      if (!isOver && !isLast) continue;
      if (more > 0) {
        this.#write({ ...note, detail: { ...note.detail, ...toldOf(named), more_times: more, since: isoTime(since) } });
      }
      this.#open.delete(key);
    }
  }
}

function toldOf(named: ReadonlySet<string>): { readonly which?: string } {
  if (named.size === 0) return {};
  const shown = [...named].slice(0, MAX_NAMED).join(", ");
  return { which: named.size > MAX_NAMED ? `${shown}, and others` : shown };
}

function isoTime(us: number): string {
  return new Date(us / 1000).toISOString();
}
