/** What became of messages whose receipts are owed. */
export type Settle = (outcome: "acked" | "nacked") => void;

/** One receipt for several batches: given when all of them are safe, and not at all when one is not. */
export class SharedOutcome {
  readonly #settle: Settle;
  #open = 0;
  #isWhole = false;
  #outcome: "acked" | "nacked" = "acked";

  constructor(settle: Settle) {
    this.#settle = settle;
  }

  /** What is to be called, once, for one more of the batches. `isLast`: none comes after it. */
  share({ isLast }: { isLast: boolean }): Settle {
    this.#open++;
    this.#isWhole = isLast;
    return (outcome) => {
      if (outcome === "nacked") this.#outcome = outcome;
      if (--this.#open === 0 && this.#isWhole) this.#settle(this.#outcome);
    };
  }
}
