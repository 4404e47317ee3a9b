import type { Clock } from "../../core/clock.ts";
import { reasonOf } from "../../core/error.ts";
import type { Report } from "../../core/event.ts";
import type { Ballast } from "./ballast.ts";
import { DiskFullError } from "./faults.ts";
import type { Change, Store } from "./store.ts";

const RETRY_MS = 1000;

export interface WriterOptions {
  readonly store: Pick<Store, "write">;
  readonly ballast: Ballast;
  readonly clock: Clock;
  readonly report: Report;
  /** Bytes of all rows on disk. */
  readonly liveBytes: () => number;
  /** Told when rows may not be accepted any more, and when they may again. */
  readonly changed: () => void;
}

/**
 * Writes until it is written. A full disk gets the ballast back, so that acknowledged rows can still be deleted, and
 * no rows are to be accepted until there is room again: on the disk, or in the file, whose free pages count too.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #closing = new AbortController();
  #stall: { readonly reason: string; readonly liveBytes: number; isOver: boolean } | undefined;
  #watching: Promise<void> = Promise.resolve();
  /** When the write was begun that the store has not answered. */
  #askedMs: number | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Rows are not to be accepted now. */
  get isStalled(): boolean {
    return this.#stall !== undefined;
  }

  /** How long the store has owed an answer; 0 where it owes none. An error is an answer too. */
  get unansweredMs(): number {
    return this.#askedMs === undefined ? 0 : this.#options.clock.monotonicMs() - this.#askedMs;
  }

  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** From now on a write that fails is not tried again for long. */
  close(): Promise<void> {
    this.#closing.abort();
    return this.#watching;
  }

  /** Resolves once it is on disk. @throws what failed, when the writer is closing */
  async write(change: Change): Promise<void> {
    const { store, ballast, clock } = this.#options;
    const { signal } = this.#closing;
    for (let attempt = 1;; attempt++) {
      try {
        this.#askedMs = clock.monotonicMs();
        await store.write(change).finally(() => this.#askedMs = undefined);
        if (this.#stall) this.#stall.isOver = true;
        return;
      } catch (error) {
        const isLast = signal.aborted && attempt > 1;
        this.#stalled(error);
        if (isLast) throw error;
        if (error instanceof DiskFullError) ballast.free();
        if (attempt > 1) await clock.sleep(RETRY_MS, signal).catch(() => {/* closing: one more attempt */});
      }
    }
  }

  #stalled(error: unknown): void {
    if (this.#stall) {
      this.#stall.isOver = false;
      return;
    }
    const reason = reasonOf(error);
    this.#stall = { reason, liveBytes: this.#options.liveBytes(), isOver: false };
    this.#options.report({ kind: "spool_stalled", reason });
    this.#options.changed();
    this.#watching = this.#watch();
  }

  async #watch(): Promise<void> {
    const { clock, ballast, liveBytes, report, changed } = this.#options;
    const { signal } = this.#closing;
    while (this.#stall && !signal.aborted) {
      await clock.sleep(RETRY_MS, signal).catch(() => {/* closing */});
      const isDrained = this.#stall.liveBytes - liveBytes() > ballast.bytes;
      if (signal.aborted || !this.#stall.isOver || !(isDrained || ballast.make())) continue;
      this.#stall = undefined;
      report({ kind: "spool_resumed" });
      changed();
    }
  }
}
