import type { Clock } from "../core/clock.ts";
import type { Reading } from "../core/reading.ts";

/** Readings that are kept of one batch, and while somebody looks, of all. */
const MAX_OF_BATCH = 50;
const MAX_READINGS = 200;
/** Batches while somebody looks: readings hold on to what they came with. */
const MAX_BATCHES = 50;
/** Somebody looks for so long after asking. */
const LOOK_MS = 30_000;

/**
 * The last readings of one source. While nobody looks, that is a reference to the last of them from the newest batch, so
 * that 500 sources hold little; after somebody asked, more are kept for as long as it is asked again.
 */
export class RecentReadings {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #batches: (readonly Reading[])[] = [];
  #lookedAtMs: number | undefined;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** On the way of every batch: it takes a reference, and copies nothing but the places of 50 at most. */
  keep(readings: readonly Reading[]): void {
    if (readings.length === 0) return;
    const newest = readings.length > MAX_OF_BATCH ? readings.slice(-MAX_OF_BATCH) : readings;
    if (!this.#isLookedAt) this.#batches = [newest];
    else this.#add(newest);
  }

  /** The newest first. Keeps more from now on, for a while. */
  look(): Reading[] {
    this.#lookedAtMs = this.#clock.monotonicMs();
    return this.#batches.flat().reverse();
  }

  get #isLookedAt(): boolean {
    if (this.#lookedAtMs === undefined) return false;
    if (this.#clock.monotonicMs() - this.#lookedAtMs < LOOK_MS) return true;
    this.#lookedAtMs = undefined;
    return false;
  }

  #add(newest: readonly Reading[]): void {
    this.#batches.push(newest);
    let count = this.#batches.reduce((sum, { length }) => sum + length, 0);
    while (this.#batches.length > MAX_BATCHES || count > MAX_READINGS) count -= this.#batches.shift()?.length ?? count;
  }
}
