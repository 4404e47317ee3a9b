import type { Clock } from "../../core/clock.ts";
import type { Report } from "../../core/event.ts";
import type { Rows } from "../../core/reading.ts";
import { joinRows } from "../joined_rows.ts";
import type { LaneQueue } from "../lane_queue.ts";
import { readChunk } from "./chunk_reader.ts";
import type { HotRows } from "./hot_rows.ts";
import type { SpoolChunk } from "./spool_chunk.ts";
import type { SpoolLane } from "./spool_lane.ts";
import type { OpenSpool } from "./spool_view.ts";

/** A reader gets so many rows at a time, where there are as many, or some more. */
const ROWS_PER_TURN = 1000;
/** Chunks that are read ahead of the reader when they are only on disk. */
const READ_AHEAD = 2;

export interface ChunkFeedOptions {
  readonly spool: OpenSpool;
  readonly hot: HotRows;
  readonly bootEpoch: number;
  readonly clock: Clock;
  readonly report: Report;
  /** Told that rows were handed to a reader. */
  readonly read: () => void;
  /** Resolves when one more chunk may be taken out. */
  readonly calm: () => Promise<void>;
}

/** Hands rows to the readers: from memory where they are there, else from the disk. */
export class ChunkFeed {
  readonly #options: ChunkFeedOptions;

  constructor(options: ChunkFeedOptions) {
    this.#options = options;
  }

  /** The lane's rows from the first that is not acknowledged, until `signal` aborts. */
  async *rows(lane: SpoolLane, signal: AbortSignal): AsyncIterable<Rows> {
    const { queue } = lane;
    lane.isRead = true;
    try {
      while (!signal.aborted) {
        const rows = await this.#take(lane, signal);
        if (rows.length > 0) yield rows;
        else if (!(await queue.arrival.isWoken(signal))) return;
      }
    } finally {
      lane.isRead = false;
      this.#rewind(queue); // what was not acknowledged is in doubt, and not on its way any more
    }
  }

  /** Brings a chunk's rows into memory, or quarantines it, or leaves it as it is where the file is damaged. */
  load(chunk: SpoolChunk, lane: SpoolLane): Promise<void> {
    return chunk.loading ??= this.#read(chunk, lane).finally(() => chunk.loading = undefined);
  }

  #rewind(queue: LaneQueue<SpoolChunk>): void {
    for (const chunk of queue.segments()) {
      if (!chunk.isSent) break;
      chunk.isSent = false;
      this.#options.hot.add(chunk);
    }
    queue.rewind();
  }

  /** What waits at the reading position, up to a number of rows that is worth a reader's turn. */
  async #take(lane: SpoolLane, signal: AbortSignal): Promise<Rows> {
    const parts: Rows[] = [];
    for (let count = 0; count < ROWS_PER_TURN;) {
      const chunk = lane.isHeld ? undefined : lane.queue.peek();
      if (!chunk || chunk.isGrowing) break;
      if (!chunk.packs) {
        if (parts.length > 0) break;
        await this.load(chunk, lane);
        if (signal.aborted) break;
        if (lane.isHeld || chunk !== lane.queue.peek()) continue;
        if (!chunk.packs) break; // the file is damaged: the next start reads it back
      }
      this.#readAhead(chunk, lane);
      this.#options.hot.remove(chunk);
      chunk.isSent = chunk.wasSent = true;
      chunk.sentAtMs = this.#options.clock.monotonicMs();
      lane.queue.read();
      const rows = chunk.rows();
      count += rows.length;
      if (rows.length > 0) parts.push(rows);
    }
    if (parts.length > 0) this.#options.read();
    return joinRows(parts);
  }

  #readAhead(from: SpoolChunk, lane: SpoolLane): void {
    for (let chunk = from.next, n = 0; chunk && n < READ_AHEAD; chunk = chunk.next, n++) {
      if (!chunk.packs && !chunk.isGrowing) {
        this.load(chunk, lane).catch(() => {/* whoever needs it meets the error */});
      }
    }
  }

  async #read(chunk: SpoolChunk, lane: SpoolLane): Promise<void> {
    const { hot, spool: { state: { names }, store, sealer } } = this.#options;
    const result = await readChunk(chunk, lane.id, { store, sealer, names, arena: lane.queue.arena });
    if (chunk.isGone || chunk.packs) return;
    if ("packs" in result) {
      chunk.warm(result.packs);
      if (!chunk.isSent) hot.add(chunk);
      return;
    }
    if ("isUnreachable" in result) return;
    await this.#options.calm();
    if (!chunk.isGone) this.#quarantine(chunk, lane, result);
  }

  #quarantine(chunk: SpoolChunk, lane: SpoolLane, found: { reason: string; sealed: Uint8Array | undefined }): void {
    const { bootEpoch, clock, report, spool: { state } } = this.#options;
    const { reason, sealed } = found;
    for (const [source, rows] of chunk.live) state.ledger.count(state.names.nameOf(source), "quarantined", rows);
    report({ kind: "rows_quarantined", lane: lane.id, count: chunk.liveCount, reason });
    const key = ["quarantine", chunk.lane, chunk.firstSeq, bootEpoch];
    state.remove(lane, chunk, { reason: "quarantined", timeUs: clock.nowUs(), kept: sealed && { key, sealed } });
  }
}
