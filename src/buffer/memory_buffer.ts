import type { Clock } from "../core/clock.ts";
import { ConnectionError, type EdgeError } from "../core/error.ts";
import type { Report } from "../core/event.ts";
import {
  copyOf,
  type Reading,
  type Refusal,
  type Row,
  type Rows,
  sizeOf,
  timeRange,
  totalSizeOf,
} from "../core/reading.ts";
import { Condition } from "../lib/condition.ts";
import { Arena } from "./arena.ts";
import type { Buffer, BufferLevel, Handover, Receipt, Route } from "./buffer.ts";
import { type DeadLetter, DeadLetters, payloadOf } from "./dead_letters.ts";
import { joinRows } from "./joined_rows.ts";
import { keptContent } from "./kept_content.ts";
import { type Extent, isLive, LaneQueue, liveCount, liveRows, type Segment, takeUntil } from "./lane_queue.ts";
import { Ledger, type LedgerGauges, type LedgerSnapshot } from "./ledger.ts";
import { PendingReceipt } from "./receipt.ts";
import { RowMaker } from "./row_maker.ts";

/** What a full queue does with a reading whose device would not send it again. */
export type DropPolicy = "oldest" | "newest" | "reject_new";

/** A reader gets so many rows at a time, where there are as many, or some more. */
const ROWS_PER_TURN = 1000;

export interface MemoryBufferOptions {
  readonly edgeId: string;
  readonly bootEpoch: number;
  /** Rows that were never sent; those in flight are bounded by their bytes elsewhere. */
  readonly maxUnsent: number;
  /** The same bound in bytes; the handover that reaches it is still taken in. */
  readonly maxUnsentBytes: number;
  readonly dropPolicy: DropPolicy;
  /** Part of `maxUnsent` above which the queue is reported as high. */
  readonly warningThreshold: number;
  readonly maxRowBytes: number;
  readonly maxDeadLetterBytes: number;
  /** What cannot be accepted is counted as filtered, and not kept as a dead letter. */
  readonly isInvalidLetGo?: boolean;
  readonly clock: Clock;
  readonly report: Report;
  /** Sees every row as it is accepted: for a copy that may lag or lose. */
  readonly tap?: (lane: string, rows: readonly Row[]) => void;
}

/**
 * The buffer without a disk. What it accepts is durable only once the sink acknowledges it, so a device that can hold
 * back its data (MQTT QoS 1 and 2) loses nothing by a crash, and others lose what was queued.
 */
export class MemoryBuffer implements Buffer {
  readonly #options: MemoryBufferOptions;
  readonly #lanes = new Map<string, LaneQueue>();
  readonly #tables = new Map<string, string>();
  readonly #ledger: Ledger;
  readonly #deadLetters: DeadLetters;
  readonly #rows: RowMaker;
  readonly #room = new Condition();
  readonly #empty = new Condition();
  #unsent = 0;
  #unsentBytes = 0;
  #queued = 0;
  #queuedBytes = 0;
  #isHigh = false;

  constructor(options: MemoryBufferOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.clock.nowUs());
    this.#rows = new RowMaker({
      ...options,
      arenaOf: (lane) => this.#lane(lane).arena,
      maxPackBytes: Infinity,
    });
    this.#deadLetters = new DeadLetters(
      options.maxDeadLetterBytes,
      (letter) => this.#ledger.count(letter.source, "purged", 1),
    );
  }

  async accept(handover: Handover, route: Route, signal: AbortSignal): Promise<Receipt> {
    const receipt = new PendingReceipt();
    for (let rest = handover.readings; rest.length > 0;) {
      const room = await this.#roomFor(rest, handover.isWithheld, route.source, signal);
      if (room === 0) break; // the policy let the rest go
      const isAll = room >= rest.length; // as nearly always: then nothing is copied
      this.#admit(isAll ? rest : rest.slice(0, room), { handover, route, receipt });
      rest = isAll ? [] : rest.slice(room);
    }
    // Not before: while there is no room the handover may be given up, and its device would send the refused part again.
    for (const refusal of handover.refusals ?? []) this.#refuse(refusal, route);
    receipt.close();
    return receipt;
  }

  async *next(lane: string, signal: AbortSignal): AsyncIterable<Rows> {
    const queue = this.#lane(lane);
    this.#rewind(queue);
    while (!signal.aborted) {
      const rows = this.#take(queue);
      if (rows.length > 0) yield rows;
      else if (!(await queue.arrival.isWoken(signal))) return;
    }
  }

  /** What waits at the reading position, up to a number of rows that is worth a reader's turn; none when all is read. */
  #take(queue: LaneQueue): Rows {
    const parts: Rows[] = [];
    for (let count = 0; count < ROWS_PER_TURN;) {
      const segment = queue.read();
      if (!segment) break;
      segment.isSent = true;
      const rows = liveRows(segment);
      if (rows.length > 0) parts.push(rows);
      count += rows.length;
    }
    const all = joinRows(parts);
    if (all.length > 0) this.#changeUnsent(-all.length, -totalSizeOf(all));
    return all;
  }

  ack(lane: string, upTo: number): Promise<void> {
    const queue = this.#lane(lane);
    for (let segment = queue.head; segment; segment = queue.head) {
      this.#ackRows(segment, upTo, lane);
      if (segment.first < segment.pack.length) break;
      release(queue, segment);
    }
    if (this.#queued === 0) this.#empty.wake();
    return Promise.resolve();
  }

  reject(row: Row, why: EdgeError): Promise<void> {
    const segment = this.#segmentOf(row);
    if (!segment) return Promise.resolve(); // a resend of a row that became a dead letter before
    segment.gone ??= new Set();
    segment.gone.add(row.seq);
    this.#leave(segment, { count: 1, bytes: sizeOf(row) });
    this.#bury(row.tag, row.source, this.#tables.get(row.lane) ?? row.lane, why, { row: copyOf(row) });
    return Promise.resolve();
  }

  async drained(signal: AbortSignal): Promise<void> {
    while (this.#queued > 0) await this.#empty.wait(signal);
  }

  lanes(): readonly string[] {
    return [...this.#lanes].filter(([, queue]) => queue.head).map(([id]) => id);
  }

  ledger(): LedgerSnapshot {
    const queued = new Map<string, number>();
    for (const queue of this.#lanes.values()) {
      for (const segment of queue.segments()) {
        const { source } = segment.pack.origin;
        queued.set(source, (queued.get(source) ?? 0) + liveCount(segment));
      }
    }
    const letters = this.#deadLetters.bySource;
    const gauges = new Map<string, LedgerGauges>();
    for (const name of new Set([...queued.keys(), ...letters.keys()])) {
      gauges.set(name, { queued: queued.get(name) ?? 0, spooled: 0, dead_lettered: letters.get(name) ?? 0 });
    }
    return this.#ledger.snapshot(gauges);
  }

  level(): BufferLevel {
    const { maxUnsent, maxUnsentBytes } = this.#options;
    const isFull = this.#unsent >= maxUnsent || this.#unsentBytes >= maxUnsentBytes;
    const queued = { queued: this.#queued, queuedBytes: this.#queuedBytes };
    return { unsent: this.#unsent, maxUnsent, isFull, ...queued, spooledBytes: 0 };
  }

  deadLetters(limit: number): readonly DeadLetter[] {
    return this.#deadLetters.newest(limit);
  }

  /** What is still here is told that it will not become durable in this run. */
  [Symbol.asyncDispose](): Promise<void> {
    const reason = new ConnectionError("stopped", "the connector stopped before the sink acknowledged");
    for (const queue of this.#lanes.values()) {
      for (const segment of queue.segments()) segment.receipt.fail(reason);
    }
    return Promise.resolve();
  }

  /** How many of `readings` may come in now; 0 when the policy dropped them. Waits where the policy is to push back. */
  async #roomFor(
    readings: readonly Reading[],
    isWithheld: boolean,
    source: string,
    signal: AbortSignal,
  ): Promise<number> {
    const { maxUnsent, maxUnsentBytes, dropPolicy } = this.#options;
    while (true) {
      signal.throwIfAborted();
      const free = this.#unsentBytes < maxUnsentBytes ? maxUnsent - this.#unsent : 0;
      if (free > 0) return Math.min(free, readings.length);
      if (!isWithheld && dropPolicy === "newest") {
        this.#ledger.count(source, "received", readings.length);
        this.#drop(source, "queue_full_newest", { count: readings.length, ...timeRange(readings) });
        return 0;
      }
      if (!isWithheld && dropPolicy === "oldest" && this.#dropOldest(readings.length)) continue;
      await this.#room.wait(signal);
    }
  }

  #admit(
    readings: readonly Reading[],
    { handover, route, receipt }: { handover: Handover; route: Route; receipt: PendingReceipt },
  ): void {
    this.#tables.set(route.lane.id, route.lane.table);
    const { isWithheld, trace } = handover;
    const make = () =>
      this.#rows.make(readings, route, ({ tag }, error, content) => this.#turnAway(tag, route, error, content));
    const packs = trace ? trace.encode(make) : make();
    this.#ledger.count(route.source, "received", readings.length);
    const lastEventUs = readings.at(-1)?.eventTimeUs;
    this.#options.report({ kind: "readings_accepted", source: route.source, count: readings.length, lastEventUs });
    const acceptedAtMs = this.#options.clock.monotonicMs();
    const queue = this.#lane(route.lane.id);
    for (const pack of packs) {
      receipt.open();
      trace?.placed(route.lane.id, pack.firstSeq, pack.firstSeq + pack.length - 1);
      this.#queued += pack.length;
      this.#queuedBytes += pack.bytesIn(0, pack.length);
      queue.push({ pack, isWithheld, receipt, acceptedAtMs, first: 0, isSent: false });
      this.#changeUnsent(pack.length, pack.bytesIn(0, pack.length));
      this.#options.tap?.(route.lane.id, [...pack.rows(0, pack.length)]);
    }
  }

  #refuse(refusal: Refusal, route: Route): void {
    this.#ledger.count(route.source, "received", 1);
    this.#turnAway(refusal.tag, route, refusal.reason, payloadOf(refusal));
  }

  /** What came in and is no row that may be accepted. */
  #turnAway(tag: string, { source, lane }: Route, error: EdgeError, content: DeadLetter["content"]): void {
    if (!this.#options.isInvalidLetGo) return this.#bury(tag, source, lane.table, error, content);
    this.#ledger.count(source, "filtered", 1);
    this.#options.report({ kind: "reading_filtered", source, tag, error });
  }

  #bury(tag: string, source: string, table: string, error: EdgeError, whole: DeadLetter["content"]): void {
    const { clock, report, maxRowBytes } = this.#options;
    const { content, note } = keptContent(whole, maxRowBytes);
    const { code, message } = error;
    this.#deadLetters.add({ time: clock.nowUs(), source, tag, table, code, reason: message + note, content });
    report({ kind: "dead_letter", source, tag, table, error });
  }

  #ackRows(segment: Segment, upTo: number, lane: string): void {
    const { pack, first, acceptedAtMs } = segment;
    const end = Math.min(pack.length, upTo - pack.firstSeq + 1);
    if (end <= first) return;
    const acked = takeUntil(segment, end);
    this.#leave(segment, acked);
    this.#ledger.count(pack.origin.source, "written", acked.count);
    const ackMs = this.#options.clock.monotonicMs() - acceptedAtMs;
    this.#options.report({ kind: "rows_written", lane, count: acked.count, ackMs });
  }

  /** So many rows of the segment are not queued any more. */
  #leave(segment: Segment, { count, bytes }: Extent): void {
    this.#queued -= count;
    this.#queuedBytes -= bytes;
    if (!segment.isSent) this.#changeUnsent(-count, -bytes);
  }

  /** Lets the oldest unsent rows go, as many as are wanted. False when there is none that may go. */
  #dropOldest(wanted: number): boolean {
    const candidates = [...this.#lanes.values()].flatMap((queue) => {
      const segment = queue.findUnsent(mayGo);
      return segment ? [{ queue, segment }] : [];
    });
    const [oldest] = candidates.sort((a, b) => a.segment.acceptedAtMs - b.segment.acceptedAtMs);
    if (!oldest) return false;
    this.#dropFrom(oldest.queue, oldest.segment, wanted);
    return true;
  }

  #dropFrom(queue: LaneQueue, segment: Segment, wanted: number): void {
    const { pack, first } = segment;
    const taken = takeUntil(segment, Math.min(pack.length, first + wanted));
    this.#leave(segment, taken);
    const { fromUs, toUs, origin } = pack;
    this.#drop(origin.source, "queue_full_oldest", { count: taken.count, fromUs, toUs });
    if (liveCount(segment) === 0) release(queue, segment);
  }

  #drop(source: string, reason: string, lost: { count: number; fromUs: number; toUs: number }): void {
    this.#ledger.countDropped(source, reason, lost.count);
    this.#options.report({ kind: "readings_dropped", source, reason, ...lost });
  }

  #rewind(queue: LaneQueue): void {
    for (const segment of queue.segments()) {
      if (!segment.isSent) break;
      segment.isSent = false;
      const rows = liveRows(segment);
      this.#changeUnsent(rows.length, totalSizeOf(rows));
    }
    queue.rewind();
  }

  #changeUnsent(rows: number, bytes: number): void {
    const { maxUnsent, maxUnsentBytes, warningThreshold, report } = this.#options;
    this.#unsent += rows;
    this.#unsentBytes += bytes;
    if (rows < 0) this.#room.wake();
    const level = Math.max(this.#unsent / maxUnsent, this.#unsentBytes / maxUnsentBytes);
    const isHigh = level >= warningThreshold;
    if (isHigh === this.#isHigh) return;
    this.#isHigh = isHigh;
    report({ kind: "queue_level", isHigh, unsent: this.#unsent, maxUnsent });
  }

  #segmentOf(row: Row): Segment | undefined {
    for (const segment of this.#lane(row.lane).segments()) {
      if (isLive(segment, row.seq)) return segment;
    }
  }

  #lane(id: string): LaneQueue {
    let queue = this.#lanes.get(id);
    if (!queue) {
      queue = new LaneQueue(new Arena({ isReused: !this.#options.tap })); // who taps may look at rows for longer
      this.#lanes.set(id, queue);
    }
    return queue;
  }
}

/** The segment has nothing left to wait for. */
function release(queue: LaneQueue, segment: Segment): void {
  queue.remove(segment);
  segment.receipt.close();
  segment.pack.release();
}

function mayGo(segment: Segment): boolean {
  return !segment.isWithheld && liveCount(segment) > 0;
}
