/** How counters move, over the last while. */

/** Looks that are kept of each series. */
const MAX_LOOKS = 61;

interface Look {
  readonly atMs: number;
  readonly value: number;
}

/** The last looks at one counter, evenly over its window: more of them would say the same. */
export class Window {
  readonly #lengthMs: number;
  #looks: Look[] = [];

  constructor(seconds: number) {
    this.#lengthMs = seconds * 1000;
  }

  /** Notes what the counter says at a time of a clock that never jumps. */
  note(atMs: number, value: number): void {
    const [before, last] = this.#looks.slice(-2);
    // The newest look counts whenever it comes; the one before makes way when it is close to its own predecessor.
    if (before && last && last.atMs - before.atMs < this.#lengthMs / (MAX_LOOKS - 1)) this.#looks.pop();
    this.#looks.push({ atMs, value });
    while (this.#looks.length > 2 && (this.#looks[1]?.atMs ?? 0) <= atMs - this.#lengthMs) this.#looks.shift();
    if (this.#looks.length > MAX_LOOKS + 1) this.#looks.shift();
  }

  /** What was counted within the window; undefined before two looks. A counter that fell began anew at 0. */
  change(per: "second" | "window"): number | undefined {
    const [first, ...rest] = this.#looks;
    const last = rest.at(-1);
    if (!first || !last) return undefined;
    let grown = 0;
    let before = first.value;
    for (const { value } of rest) {
      grown += value >= before ? value - before : value;
      before = value;
    }
    return per === "window" ? grown : grown / ((last.atMs - first.atMs) / 1000);
  }
}
