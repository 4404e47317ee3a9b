import type { Clock } from "../../core/clock.ts";
import { Condition } from "../../lib/condition.ts";
import type { HotRows } from "./hot_rows.ts";
import type { SpoolLane } from "./spool_lane.ts";

/** The longest that readings wait for the sink before they go ahead to disk. */
const PACE_MS = 50;
/** The sink keeps up as long as it acknowledged something within this time. */
const FLOWING_MS = 1000;

/**
 * Lets those readings wait a moment that their device keeps meanwhile, while the sink takes rows as fast as it can: what
 * would leave memory before it is sent has to be read back from disk. It never waits for a sink that stands still, nor
 * while there is a backlog on disk.
 */
export class Pace {
  readonly #hot: HotRows;
  readonly #clock: Clock;
  readonly #read = new Condition();

  constructor(hot: HotRows, clock: Clock) {
    this.#hot = hot;
    this.#clock = clock;
  }

  /** Rows were handed to a reader. */
  read(): void {
    this.#read.wake();
  }

  /** Waits until so many readings have room in memory, or they should not wait longer. @throws the signal's reason */
  async wait(lane: SpoolLane, count: number, signal: AbortSignal): Promise<void> {
    if (!this.#isWorthIt(lane, count)) return;
    const over = new AbortController();
    const late = this.#clock.sleep(PACE_MS, over.signal).then(() => true, () => true);
    try {
      for (let isLate = false; !isLate && this.#isWorthIt(lane, count);) {
        isLate = await Promise.race([late, this.#read.wait(AbortSignal.any([signal, over.signal])).then(() => false)]);
      }
    } finally {
      over.abort();
    }
  }

  #isWorthIt(lane: SpoolLane, count: number): boolean {
    if (!lane.isRead || lane.hasBacklog || !this.#hot.isOverWith(count)) return false;
    return this.#hot.rows > 0 && this.#clock.monotonicMs() - lane.ackedAtMs < FLOWING_MS;
  }
}
