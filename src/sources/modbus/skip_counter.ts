import type { SourceEvent } from "../../core/source.ts";

/** The most often that skipped polls are reported. */
const REPORT_EVERY_MS = 1000;

/** Adds up skipped polls, so that a device too slow for its interval makes one event per second and not thousands. */
export class SkipCounter {
  readonly #report: (event: SourceEvent) => void;
  #count = 0;
  #reportedMs = -Infinity;

  constructor(report: (event: SourceEvent) => void) {
    this.#report = report;
  }

  add(skipped: number, nowMs: number): void {
    this.#count += skipped;
    if (this.#count === 0 || nowMs - this.#reportedMs < REPORT_EVERY_MS) return;
    this.#reportedMs = nowMs;
    this.flush();
  }

  /** Reports what is left. */
  flush(): void {
    if (this.#count === 0) return;
    this.#report({ kind: "device_side", what: "poll_skipped", count: this.#count });
    this.#count = 0;
  }
}
