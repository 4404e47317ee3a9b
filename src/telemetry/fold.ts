import type { Clock } from "../core/clock.ts";

const WINDOW_MS = 60_000;
/** Most keys remembered; what repeats beyond that is folded under one key. */
const MAX_KEYS = 1000;

/** Stands for all keys that there is no room for. */
const OTHERS = "";

interface Window {
  startedMs: number;
  lines: number;
  /** Amount of those that got no line. */
  held: number;
}

/** Keeps what repeats from flooding the log: of each key only so many lines a minute, and the next one says how much it stands for. */
export class Fold {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /**
   * Whether to write a line now: the amount it stands for, those without a line before it included, or undefined when
   * this one is held back.
   */
  take(key: string, { amount = 1, lines = 1 }: { amount?: number; lines?: number } = {}): number | undefined {
    const nowMs = this.#clock.monotonicMs();
    const window = this.#windowOf(key, nowMs);
    if (nowMs - window.startedMs >= WINDOW_MS) {
      window.startedMs = nowMs;
      window.lines = 0;
    }
    if (window.lines >= lines) {
      window.held += amount;
      return undefined;
    }
    const total = window.held + amount;
    window.lines++;
    window.held = 0;
    return total;
  }

  #windowOf(key: string, nowMs: number): Window {
    const known = this.#windows.get(key);
    if (known) return known;
    if (this.#windows.size >= MAX_KEYS) this.#forgetEnded(nowMs);
    if (this.#windows.size >= MAX_KEYS && key !== OTHERS) return this.#windowOf(OTHERS, nowMs);
    const window = { startedMs: nowMs, lines: 0, held: 0 };
    this.#windows.set(key, window);
    return window;
  }

  #forgetEnded(nowMs: number): void {
    for (const [key, { startedMs, held }] of this.#windows) {
      if (held === 0 && nowMs - startedMs >= WINDOW_MS) this.#windows.delete(key);
    }
  }
}
