import type { Clock } from "../core/clock.ts";

const HOUR_MS = 3_600_000;
/** Before the first restart within an hour, the second, and so on: a disk that dies must not keep a host busy. */
const WAITS_MS = [0, 60_000, 300_000, 900_000] as const;
const LONGEST_MS = 900_000;

/** How long a connector waits before it starts anew because something on its disk was damaged. */
export class Restarts {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #lastMs: number[] = [];

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** Counts one more, and says how many milliseconds it has to wait. At most six fall into an hour. */
  next(): number {
    const nowMs = this.#clock.monotonicMs();
    this.#lastMs = this.#lastMs.filter((ms) => nowMs - ms < HOUR_MS);
    const waitMs = WAITS_MS[this.#lastMs.length] ?? LONGEST_MS;
    this.#lastMs.push(nowMs + waitMs);
    return waitMs;
  }
}
