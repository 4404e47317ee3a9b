import type { Clock } from "../../core/clock.ts";
import type { Report } from "../../core/event.ts";
import { type Reading, timeRange } from "../../core/reading.ts";
import { Condition } from "../../lib/condition.ts";
import type { Route } from "../buffer.ts";
import type { DropPolicy } from "../memory_buffer.ts";
import type { SpoolChunk } from "./spool_chunk.ts";
import type { SpoolLane } from "./spool_lane.ts";
import type { SpoolState } from "./spool_state.ts";

/** Bytes of rows that may wait for a commit: beyond it the disk is slower than the sources. */
const MAX_PENDING_BYTES = 2 * 1024 * 1024;

export interface RoomOptions {
  readonly state: SpoolState;
  readonly writer: { readonly isStalled: boolean };
  /** Sealed bytes of rows that the spool may hold. */
  readonly maxBytes: number;
  readonly dropPolicy: DropPolicy;
  readonly warningThreshold: number;
  readonly clock: Clock;
  readonly report: Report;
}

export interface Arrival {
  readonly route: Route;
  /** The device would send them again: they wait, whatever the policy. */
  readonly isWithheld: boolean;
  readonly signal: AbortSignal;
}

/** Decides whether readings may come in, must wait, or are let go. */
export class Room {
  readonly #options: RoomOptions;
  readonly #changed = new Condition();
  #isHigh = false;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** There may be room now, or less of it. */
  changed(): void {
    this.#changed.wake();
    const { state: { liveBytes: bytes }, maxBytes, warningThreshold, report } = this.#options;
    const isHigh = bytes >= maxBytes * warningThreshold;
    if (isHigh === this.#isHigh) return;
    this.#isHigh = isHigh;
    report({ kind: "spool_level", isHigh, bytes, maxBytes });
  }

  /** Whether the spool holds all that it may, or cannot be written. */
  get isFull(): boolean {
    return this.#options.writer.isStalled || this.#isFull;
  }

  /** Whether they may come in; false when the policy let them go. Waits as long as it must. @throws the signal's reason */
  async forReadings(
    readings: readonly Reading[],
    { route: { source }, isWithheld, signal }: Arrival,
  ): Promise<boolean> {
    const { state, writer, dropPolicy } = this.#options;
    while (true) {
      signal.throwIfAborted();
      const isBusy = writer.isStalled || state.pendingBytes > MAX_PENDING_BYTES;
      if (!isBusy && !this.#isFull) return true;
      if (this.#isFull && !isWithheld && dropPolicy === "newest") {
        state.ledger.count(source, "received", readings.length);
        this.#count(source, "spool_full_newest", { count: readings.length, ...timeRange(readings) });
        return false;
      }
      const mayMakeRoom = this.#isFull && !isBusy && !state.isCrowded && !isWithheld && dropPolicy === "oldest";
      if (mayMakeRoom && this.#dropOldest()) continue;
      await this.#changed.wait(signal);
    }
  }

  get #isFull(): boolean {
    const { state, maxBytes } = this.#options;
    return state.liveBytes + state.formingBytes + state.pendingBytes >= maxBytes;
  }

  /** Lets the oldest chunk go that is not on its way. False when there is none. */
  #dropOldest(): boolean {
    let oldest: { lane: SpoolLane; chunk: SpoolChunk } | undefined;
    for (const lane of this.#options.state.lanes) {
      const chunk = lane.queue.findUnsent(mayGo);
      if (chunk && !(oldest && oldest.chunk.acceptedAtMs <= chunk.acceptedAtMs)) oldest = { lane, chunk };
    }
    if (!oldest) return false;
    const { state, clock } = this.#options;
    const { lane, chunk } = oldest;
    const { fromUs, toUs } = chunk;
    for (const [source, count] of chunk.live) {
      this.#count(state.names.nameOf(source), "spool_full_oldest", { count, fromUs, toUs });
    }
    state.remove(lane, chunk, { reason: "dropped", timeUs: clock.nowUs() });
    return true;
  }

  #count(source: string, reason: string, lost: { count: number; fromUs: number; toUs: number }): void {
    this.#options.state.ledger.countDropped(source, reason, lost.count);
    this.#options.report({ kind: "readings_dropped", source, reason, ...lost });
  }
}

/** What is in memory alone takes no room on disk; what a commit is writing cannot be taken out. */
function mayGo({ isGrowing, isStored }: SpoolChunk): boolean {
  return isStored && !isGrowing;
}
