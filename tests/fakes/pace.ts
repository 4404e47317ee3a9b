import type { Pace } from "../../src/core/source.ts";
import { Condition } from "../../src/lib/condition.ts";

/** A pace at which requests go when the test lets them. */
export class FakePace implements Pace {
  readonly #news = new Condition();
  #allowed = 0;
  /** How often a turn was asked for. */
  asked = 0;

  /** So many requests more may go. */
  allow(count: number): void {
    this.#allowed += count;
    this.#news.wake();
  }

  async turn(signal: AbortSignal): Promise<void> {
    this.asked++;
    while (this.#allowed === 0) await this.#news.wait(signal);
    this.#allowed--;
  }
}
