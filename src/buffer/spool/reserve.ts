import type { Clock } from "../../core/clock.ts";
import { abortable } from "../../lib/condition.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { SpoolState } from "./spool_state.ts";

/** The first range, and the largest. One that lasts less than a minute is followed by one twice as long. */
const FIRST_RANGE = 100;
const MAX_RANGE = 100_000;
const LASTING_MS = 60_000;
/** The next range is asked for when so much of the present one is left. */
const ASK_AHEAD = 0.25;

interface Range {
  readonly end: number;
  readonly size: number;
  readonly sinceMs: number;
}

/**
 * Ranges of numbers that the disk knows to be in use before a row has one, while rows are in memory alone: after a kill
 * they are not given again, and say how many rows it may have taken.
 */
export class Reserve {
  readonly #state: SpoolState;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  readonly #ranges = new Map<string, Range>();
  /** Tables of which the disk has been told a range, or will be. */
  readonly #noted = new Set<string>();
  readonly #asked = new Map<string, Promise<void>>();

  constructor(state: SpoolState, commits: GroupCommit, clock: Clock) {
    this.#state = state;
    this.#commits = commits;
    this.#clock = clock;
  }

  /** Whether the numbers of a table below `end` may be given. Asks for more before they run out. */
  covers(table: string, end: number): boolean {
    const range = this.#ranges.get(table);
    if (!range || end > range.end) return false;
    if (range.end - end < range.size * ASK_AHEAD) {
      this.#ask(table, end).catch(() => {/* whoever needs the numbers asks again */});
    }
    return true;
  }

  /** Resolves when the numbers of a table below `end` may be given. @throws the signal's reason */
  granted(table: string, end: number, signal: AbortSignal): Promise<void> {
    return abortable(this.#ask(table, end), signal);
  }

  /** Every row that has a number is on disk, or will be with what this notes: no number is in doubt any more. */
  release(): void {
    for (const table of this.#noted) this.#state.noteReserved(table, 0);
  }

  #ask(table: string, least: number): Promise<void> {
    const asked = this.#asked.get(table) ?? this.#extend(table, least).finally(() => this.#asked.delete(table));
    this.#asked.set(table, asked);
    return asked;
  }

  async #extend(table: string, least: number): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const before = this.#ranges.get(table);
    const isShort = before && nowMs - before.sinceMs < LASTING_MS;
    const size = before ? Math.min(MAX_RANGE, before.size * (isShort ? 2 : 1)) : FIRST_RANGE;
    const end = Math.max(before?.end ?? 0, least) + size;
    this.#noted.add(table);
    this.#state.noteReserved(table, end);
    await this.#commits.flush();
    this.#ranges.set(table, { end, size, sinceMs: nowMs });
  }
}
