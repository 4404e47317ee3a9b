import type { PollSkipCause, SourceEvent } from "../../core/source.ts";

/** The most often that skipped polls are reported. */
const REPORT_EVERY_MS = 1000;

/** Adds up skipped polls, so that a device too slow for its interval makes one event per second and cause, and not thousands. */
export class SkipCounter {
  readonly #report: (event: SourceEvent) => void;
  readonly #counts = new Map<PollSkipCause, number>();
  #reportedMs = -Infinity;

  constructor(report: (event: SourceEvent) => void) {
    this.#report = report;
  }

  add(skipped: number, cause: PollSkipCause, nowMs: number): void {
    if (skipped > 0) this.#counts.set(cause, (this.#counts.get(cause) ?? 0) + skipped);
    if (this.#counts.size === 0 || nowMs - this.#reportedMs < REPORT_EVERY_MS) return;
    this.#reportedMs = nowMs;
    this.flush();
  }

  /** Reports what is left. */
  flush(): void {
    for (const [cause, count] of this.#counts) {
      this.#report({ kind: "device_side", what: "poll_skipped", count, cause });
    }
    this.#counts.clear();
  }
}
