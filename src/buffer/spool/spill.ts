import type { Clock } from "../../core/clock.ts";
import type { Report, SpillReason } from "../../core/event.ts";
import type { GroupCommit } from "./group_commit.ts";
import type { HotRows } from "./hot_rows.ts";
import type { SpoolLane } from "./spool_lane.ts";
import type { SpoolState } from "./spool_state.ts";

/** A row goes to disk when it was sent so long ago and is not acknowledged, or waits so long and nobody sends. */
const SLOW_MS = 5000;
const LOOK_MS = 1000;
/** So often the disk learns what has become of rows that were in memory alone. */
const CHECKPOINT_MS = 60_000;

export interface SpillOptions {
  readonly state: SpoolState;
  readonly hot: HotRows;
  readonly commits: GroupCommit;
  readonly clock: Clock;
  readonly report: Report;
  /** Unsent rows, and bytes of them, above which they go to disk. */
  readonly maxRows: number;
  readonly maxBytes: number;
}

/**
 * Keeps rows in memory alone as long as they leave soon, for a disk that must not be written all the time. They go to
 * disk when many wait, when the sink is away or slow, and when the process stops; and what comes behind them, until
 * whoever reads has caught up.
 */
export class Spill implements Disposable {
  readonly #options: SpillOptions;
  readonly #timers = new DisposableStack();
  #hasEnded = false;

  constructor(options: SpillOptions) {
    this.#options = options;
    const { clock, commits } = options;
    this.#timers.use(clock.every(LOOK_MS, () => this.#look()));
    this.#timers.use(clock.every(CHECKPOINT_MS, () => commits.wake()));
  }

  /** Whether rows that come to the lane now stay in memory. */
  isKept(lane: SpoolLane): boolean {
    if (!this.#hasEnded && lane.isSpilling && lane.isCaughtUp && !this.#isSlow(lane)) {
      lane.isSpilling = false;
      this.#options.report({ kind: "spill", lane: lane.id, reason: undefined });
    }
    return !lane.isSpilling;
  }

  /** Rows came into memory. */
  kept(): void {
    const { state, hot, maxRows, maxBytes } = this.#options;
    if (hot.rows <= maxRows && hot.bytes <= maxBytes) return;
    for (const lane of state.lanes) this.begin(lane, "queue_high");
  }

  begin(lane: SpoolLane, reason: SpillReason): void {
    const { commits, report } = this.#options;
    if (lane.isSpilling) return;
    lane.isSpilling = true;
    if (reason !== "stop" || lane.kept.size > 0) report({ kind: "spill", lane: lane.id, reason });
    commits.wake();
  }

  /** From now on everything goes to disk. */
  end(): void {
    this.#hasEnded = true;
    for (const lane of this.#options.state.lanes) this.begin(lane, "stop");
  }

  [Symbol.dispose](): void {
    this.#timers.dispose();
    this.end();
  }

  #look(): void {
    for (const lane of this.#options.state.lanes) {
      if (this.#isSlow(lane)) this.begin(lane, "slow_acknowledgement");
    }
  }

  #isSlow({ queue: { head }, isRead }: SpoolLane): boolean {
    if (!head || (isRead && !head.isSent)) return false;
    return this.#options.clock.monotonicMs() - (head.isSent ? head.sentAtMs : head.acceptedAtMs) > SLOW_MS;
  }
}
