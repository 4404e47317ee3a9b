import { ConnectionError, type EdgeError, SpoolFullError } from "../../core/error.ts";
import { copyOf, type Refusal, type Row, type Rows } from "../../core/reading.ts";
import { Condition } from "../../lib/condition.ts";
import type { AcceptTrace, Buffer, BufferLevel, Handover, Receipt, Route } from "../buffer.ts";
import { type DeadLetter, payloadOf } from "../dead_letters.ts";
import { keptContent } from "../kept_content.ts";
import type { LedgerSnapshot } from "../ledger.ts";
import { PendingReceipt } from "../receipt.ts";
import { RowMaker } from "../row_maker.ts";
import { ChunkFeed } from "./chunk_feed.ts";
import { damageAlarm } from "./damage_alarm.ts";
import type { GroupCommit } from "./group_commit.ts";
import { HotRows } from "./hot_rows.ts";
import { Pace } from "./pace.ts";
import { type OpenedSpool, openSpool } from "./open.ts";
import type { SpoolTools } from "./desk.ts";
import type { Arrival } from "./room.ts";
import type { SpoolChunk } from "./spool_chunk.ts";
import type { PendingPack } from "./pending_pack.ts";
import { CHUNK_BYTES, type SpoolLane } from "./spool_lane.ts";
import type { SpoolState } from "./spool_state.ts";
import type { SpoolBufferOptions } from "./spool_buffer_options.ts";
import { Toolbox } from "./toolbox.ts";
import { vacuumWhenIdle } from "./vacuum.ts";
import { type Laziness, lazinessOf, type Writing, writingTo } from "./writing.ts";

/** Readings that are taken in before it is looked again whether there is room. */
const READINGS_PER_LOOK = 2000;
/** Dead letters that may wait for a commit. */
const MAX_WAITING_LETTERS = 30;

/** The buffer on disk; see mod.ts. What it accepts is durable once a commit has it. */
export class SpoolBuffer implements Buffer {
  readonly #options: SpoolBufferOptions;
  readonly #spool: OpenedSpool;
  readonly #state: SpoolState;
  readonly #rows: RowMaker;
  readonly #hot: HotRows;
  readonly #writing: Writing;
  readonly #feed: ChunkFeed;
  readonly #pace: Pace;
  readonly #commits: GroupCommit;
  readonly #lazily: Laziness | undefined;
  readonly #vacuum: Disposable;
  readonly #empty = new Condition();
  readonly tools: SpoolTools;

  private constructor(options: SpoolBufferOptions, spool: OpenedSpool) {
    const { clock, report, maxUnsent, maxUnsentBytes, directory } = options;
    this.#options = options;
    this.#spool = spool;
    const state = this.#state = spool.state;
    spool.store.watch(damageAlarm(options));
    const hot = this.#hot = new HotRows({ maxRows: maxUnsent, maxBytes: maxUnsentBytes });
    const { commits, committer } = this.#writing = writingTo(spool, hot, options);
    this.#commits = commits;
    state.onTaken = (chunk) => this.#taken(chunk);
    const pace = this.#pace = new Pace(hot, clock);
    this.#feed = new ChunkFeed({ ...options, spool, hot, read: () => pace.read(), calm: () => this.#calm() });
    const arenaOf = (lane: string) => state.lane(lane).queue.arena;
    this.#rows = new RowMaker({ ...options, arenaOf, maxPackBytes: CHUNK_BYTES }, spool.nextSeq);
    const isIdle = () => !state.isUrgent && committer.forming.length === 0;
    this.#vacuum = vacuumWhenIdle({ path: `${directory}/spool.db`, clock, isIdle });
    this.#lazily = lazinessOf(spool, { hot, commits }, options);
    this.tools = new Toolbox({
      ...options,
      spool,
      rows: this.#rows,
      commits,
      ledger: () => this.ledger(),
      onLane: (lane) => options.onLane?.(lane),
      toDisk: (lane) => this.#lazily?.spill.begin(lane, "command"),
    });
    for (const range of spool.lost) report({ kind: "lost_at_crash", ...range });
    if (state.rows > 0) report({ kind: "spool_restored", rows: state.rows, bytes: state.liveBytes });
    commits.wake();
  }

  /** Opens the spool, or makes it. @throws {ConfigError} when it cannot be used; then nothing was changed */
  static async open(options: SpoolBufferOptions): Promise<SpoolBuffer> {
    return new SpoolBuffer(options, await openSpool({ ...options, isMemoryReused: !options.tap })); // who taps may look at rows for longer
  }

  async accept(handover: Handover, route: Route, signal: AbortSignal): Promise<Receipt> {
    const receipt = new PendingReceipt();
    while (this.#state.letters.waiting > MAX_WAITING_LETTERS) await this.#commits.settled(signal);
    for (let at = 0; at < handover.readings.length; at += READINGS_PER_LOOK) {
      const some = at === 0 && handover.readings.length <= READINGS_PER_LOOK
        ? handover.readings
        : handover.readings.slice(at, at + READINGS_PER_LOOK);
      if (!await this.#isWelcome(some, { route, isWithheld: handover.isWithheld, signal })) continue;
      const { table } = route.lane;
      const end = () => this.#rows.nextOf(table) + some.length;
      while (!this.#mayNumber(table, end())) await this.#lazily?.reserve.granted(table, end(), signal);
      this.#admit(some, { route, receipt, isWithheld: handover.isWithheld, trace: handover.trace });
    }
    // Not before: while there is no room the handover may be given up, and its device would send the refused part again.
    for (const refusal of handover.refusals ?? []) this.#refuse(refusal, route, receipt);
    receipt.close();
    return receipt;
  }

  next(lane: string, signal: AbortSignal): AsyncIterable<Rows> {
    return this.#feed.rows(this.#state.lane(lane), signal);
  }

  async ack(lane: string, upTo: number, signal?: AbortSignal): Promise<void> {
    const at = this.#state.lane(lane);
    at.ackedAtMs = this.#options.clock.monotonicMs();
    while (this.#state.isCrowded || this.#isUnderWay(at, upTo)) await this.#commits.settled(signal);
    for (let chunk = at.queue.head; chunk && chunk.firstSeq <= upTo; chunk = at.queue.head) {
      if (upTo < chunk.lastSeq && !chunk.packs) await this.#feed.load(chunk, at);
      if (chunk.isGone) continue;
      if (upTo < chunk.lastSeq && !chunk.packs) break; // the file is damaged: after the next start these rows are sent again
      this.#pass(at, chunk, upTo);
      if (!chunk.isGone) break;
    }
    this.#left();
  }

  async reject(row: Row, why: EdgeError, signal?: AbortSignal): Promise<void> {
    while (this.#state.letters.waiting > MAX_WAITING_LETTERS) {
      if (this.#writing.writer.isStalled) {
        throw new SpoolFullError("spool_stalled", "The spool takes no dead letters now");
      }
      await this.#commits.settled(signal);
    }
    const lane = this.#state.lane(row.lane);
    while (this.#state.isCrowded || this.#isUnderWay(lane, row.seq)) await this.#commits.settled(signal);
    const chunk = lane.chunkOf(row.seq);
    if (!chunk) return; // a resend of a row that became a dead letter before
    this.#hot.remove(chunk);
    this.#state.rejectRow(chunk, row.seq, row.source);
    this.#hot.add(chunk);
    this.#bury({ tag: row.tag, source: row.source, table: this.#state.tableOf(row.lane) }, why, { row: copyOf(row) });
    this.#commits.wake();
  }

  sinkAway(lane: string): void {
    this.#lazily?.spill.begin(this.#state.lane(lane), "sink_away");
  }

  sourcesEnd(): void {
    this.#lazily?.spill.end();
  }

  async drained(signal: AbortSignal): Promise<void> {
    while (this.#state.rows > 0) await this.#empty.wait(signal);
  }

  lanes(): readonly string[] {
    return [...this.#state.lanes].filter(({ queue, pending }) => queue.head || pending.length > 0).map(({ id }) => id);
  }

  ledger(): LedgerSnapshot {
    return this.#state.snapshot(this.#writing.committer.forming);
  }

  level(): BufferLevel {
    const { rows: queued, liveBytes: spooledBytes, pendingBytes } = this.#state;
    const { rows: unsent } = this.#hot;
    const { maxUnsent } = this.#options;
    return {
      unsent,
      maxUnsent,
      isFull: this.#writing.room.isFull,
      queued,
      queuedBytes: this.#state.hotBytes + pendingBytes,
      spooledBytes,
    };
  }

  /** How long the disk has not answered what is being written; 0 where nothing is. */
  get unansweredMs(): number {
    return this.#writing.writer.unansweredMs;
  }

  deadLetters(limit: number): readonly DeadLetter[] {
    return this.#state.letters.newest(limit);
  }

  /** Writes what is left. What cannot be written is told that it will not become durable in this run. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#vacuum[Symbol.dispose]();
    this.#lazily?.spill[Symbol.dispose]();
    await this.#writing.writer.close();
    await this.#commits.close(() => this.#lazily?.reserve.release());
    const reason = new ConnectionError("stopped", "the connector stopped before this was on disk");
    for (const lane of this.#state.lanes) for (const { receipt } of lane.pending) receipt.fail(reason);
    for (const receipt of this.#state.letters.receipts) receipt.fail(reason);
    this.#spool[Symbol.dispose]();
  }

  #taken(chunk: SpoolChunk): void {
    this.#hot.remove(chunk);
    this.#writing.room.changed();
    this.#left();
  }

  /** Resolves when the next commit has room for further changes. */
  async #calm(): Promise<void> {
    while (this.#state.isCrowded) await this.#commits.settled();
  }

  /** Rows are not needed any more. */
  #left(): void {
    this.#changed();
    if (this.#state.rows === 0) this.#empty.wake();
  }

  #pass(lane: SpoolLane, chunk: SpoolChunk, upTo: number): void {
    this.#hot.remove(chunk);
    const passed = this.#state.pass(lane, chunk, upTo);
    this.#hot.add(chunk);
    const count = [...passed.values()].reduce((sum, rows) => sum + rows, 0);
    const ackMs = this.#options.clock.monotonicMs() - chunk.acceptedAtMs;
    if (count > 0) this.#options.report({ kind: "rows_written", lane: lane.id, count, ackMs });
  }

  /** Whether rows up to `seq` are still on their way to the disk, or in a chunk that a commit is changing. */
  #isUnderWay({ pending, queue }: SpoolLane, seq: number): boolean {
    if ((pending[0]?.pack.firstSeq ?? Infinity) <= seq) return true;
    if (queue.tail?.isGrowing && queue.tail.firstSeq <= seq) return true;
    return this.#writing.committer.forming.some(({ lane, chunk }) => lane.queue === queue && chunk.firstSeq <= seq);
  }

  /** Whether readings may come in; false when the policy let them go. Waits as long as it must. @throws the signal's reason */
  async #isWelcome(readings: Handover["readings"], arrival: Arrival): Promise<boolean> {
    const { lane: { id } } = arrival.route;
    const lane = this.#state.lane(id);
    if (arrival.isWithheld) await this.#pace.wait(lane, readings.length, arrival.signal);
    return this.#isKept(lane) || await this.#writing.room.forReadings(readings, arrival);
  }

  /** Whether rows of a table may have the numbers up to this one: the disk must know before, where they stay in memory. */
  #mayNumber(table: string, end: number): boolean {
    return !this.#lazily || this.#lazily.reserve.covers(table, end);
  }

  #isKept(lane: SpoolLane): boolean {
    return this.#lazily?.spill.isKept(lane) ?? false;
  }

  #push(lane: SpoolLane, pending: PendingPack, table: string): void {
    if (!this.#isKept(lane)) return this.#state.push(lane, pending, table);
    this.#hot.add(this.#state.keep(lane, pending, table));
    this.#lazily?.spill.kept();
  }

  /** Something changed that the disk is to know: at once, but where it is not to be written all the time. */
  #changed(): void {
    const isDue = !this.#lazily || this.#state.isUrgent || [...this.#state.lanes].some(({ isSpilling }) => isSpilling);
    if (isDue) this.#commits.wake();
  }

  #admit(
    readings: Handover["readings"],
    { route, receipt, isWithheld, trace }: Admission,
  ): void {
    const { clock, report, tap } = this.#options;
    this.#state.ledger.count(route.source, "received", readings.length);
    const lastEventUs = readings.at(-1)?.eventTimeUs;
    report({ kind: "readings_accepted", source: route.source, count: readings.length, lastEventUs });
    const acceptedAtMs = clock.monotonicMs();
    const lane = this.#state.lane(route.lane.id);
    const make = () =>
      this.#rows.make(readings, route, ({ tag }, error, content) => (
        this.#turnAway({ tag, source: route.source, table: route.lane.table, receipt }, error, content)
      ));
    const packs = trace ? trace.encode(make) : make();
    for (const pack of packs) {
      receipt.open();
      trace?.placed(route.lane.id, pack.firstSeq, pack.firstSeq + pack.length - 1);
      this.#push(lane, { pack, receipt, acceptedAtMs, isWithheld }, route.lane.table);
      tap?.(route.lane.id, [...pack.rows(0, pack.length)]);
    }
    this.#changed();
  }

  #refuse(refusal: Refusal, { source, lane: { table } }: Route, receipt: PendingReceipt): void {
    this.#state.ledger.count(source, "received", 1);
    this.#turnAway({ tag: refusal.tag, source, table, receipt }, refusal.reason, payloadOf(refusal));
    this.#commits.wake();
  }

  /** What came in and is no row that may be accepted. */
  #turnAway(burial: Burial, error: EdgeError, content: DeadLetter["content"]): void {
    if (!this.#options.isInvalidLetGo) return this.#bury(burial, error, content);
    const { source, tag } = burial;
    this.#state.ledger.count(source, "filtered", 1);
    this.#options.report({ kind: "reading_filtered", source, tag, error });
  }

  #bury({ tag, source, table, receipt }: Burial, error: EdgeError, whole: DeadLetter["content"]): void {
    const { clock, report, maxRowBytes } = this.#options;
    const { content, note } = keptContent(whole, maxRowBytes);
    const { code, message } = error;
    const letter = { time: clock.nowUs(), source, tag, table, code, reason: message + note, content };
    this.#state.letters.add(letter, receipt);
    report({ kind: "dead_letter", source, tag, table, error });
  }
}

/** What readings are admitted with. */
interface Admission {
  readonly route: Route;
  readonly receipt: PendingReceipt;
  readonly isWithheld: boolean;
  readonly trace: AcceptTrace | undefined;
}

/** Whose dead letter it is. */
interface Burial {
  readonly tag: string;
  readonly source: string;
  readonly table: string;
  readonly receipt?: PendingReceipt;
}
