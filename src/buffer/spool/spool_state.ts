import { laneNamed } from "../../core/lane.ts";
import { Ledger, type LedgerGauges, type LedgerSnapshot } from "../ledger.ts";
import { Arena } from "../arena.ts";
import { encodeChunk } from "./chunk_codec.ts";
import type { Job, SealedJob } from "./job.ts";
import type { SpooledLetters } from "./letters.ts";
import type { Names } from "./names.ts";
import { addTo, type PerSource, type SpoolChunk } from "./spool_chunk.ts";
import { type Forming, type PendingPack, SpoolLane } from "./spool_lane.ts";
import { type Blob, type Entry, keysOf } from "./store.ts";

/** Bytes of rows, and chunks, that one commit takes at most. */
const JOB_BYTES = 512 * 1024;
const JOB_CHUNKS = 64;
/** Chunks whose rows are all acknowledged that one commit deletes at most. */
const JOB_DELETED = 150;
/** Dead letters that one commit takes at most, beside those that come from its rows. */
const JOB_LETTERS = 100;

export interface StateParts {
  /** Whether nobody looks at a row of a lane once it is acknowledged. */
  readonly isMemoryReused: boolean;
  readonly names: Names;
  readonly ledger: Ledger;
  readonly letters: SpooledLetters;
}

/** Everything a spool knows, and what of it is not on disk yet. All of it changes without waiting. */
export class SpoolState {
  readonly names: Names;
  readonly ledger: Ledger;
  readonly letters: SpooledLetters;
  /** Bytes of rows that no commit has taken yet. */
  pendingBytes = 0;
  /** Sealed bytes of all chunks. */
  liveBytes = 0;
  /** Rows of all chunks that are needed, and those that wait for a commit. */
  rows = 0;
  readonly #isMemoryReused: boolean;
  readonly #lanes = new Map<string, SpoolLane>();
  readonly #nextSeq = new Map<number, number>();
  readonly #tableOf = new Map<string, string>();
  readonly #dirtyChunks = new Set<SpoolChunk>();
  readonly #dirtyLanes = new Set<SpoolLane>();
  readonly #dirtyTables = new Set<number>();
  #passed: SpoolChunk[] = [];
  #removed: SpoolChunk[] = [];
  #moved: Blob[] = [];

  constructor({ names, ledger, letters, isMemoryReused }: StateParts) {
    this.#isMemoryReused = isMemoryReused;
    this.names = names;
    this.ledger = ledger;
    this.letters = letters;
  }

  lane(id: string): SpoolLane {
    let lane = this.#lanes.get(id);
    if (!lane) {
      lane = new SpoolLane(id, this.names, new Arena({ isReused: this.#isMemoryReused }));
      this.#lanes.set(id, lane);
    }
    return lane;
  }

  get lanes(): Iterable<SpoolLane> {
    return this.#lanes.values();
  }

  tableOf(lane: string): string {
    return this.#tableOf.get(lane) ?? laneNamed(lane).table;
  }

  /** Takes accepted rows in. */
  push(lane: SpoolLane, pending: PendingPack, table: string): void {
    this.#tableOf.set(lane.id, table);
    lane.push(pending);
    this.rows += pending.pack.length;
    this.pendingBytes += pending.pack.bytesIn(0, pending.pack.length);
  }

  /** Whether there are rows or letters that somebody waits for to be on disk. */
  get isUrgent(): boolean {
    return this.pendingBytes > 0 || this.letters.waiting > 0 || this.#removed.length > 0;
  }

  /** Takes a chunk that an earlier process left; one whose rows were all acknowledged is only to be deleted. */
  restore(lane: SpoolLane, chunk: SpoolChunk): void {
    if (chunk.lastSeq <= lane.head) {
      chunk.isGone = true;
      this.#passed.push(chunk);
      return;
    }
    lane.queue.push(chunk);
    this.liveBytes += chunk.bytes;
    this.rows += chunk.liveCount;
  }

  /** All rows up to `seq` are acknowledged: says how many of each source that were, in the chunk they were in. */
  pass(lane: SpoolLane, chunk: SpoolChunk, seq: number): PerSource {
    const passed = chunk.passTo(seq);
    lane.head = Math.max(lane.head, Math.min(seq, chunk.lastSeq));
    this.#dirtyLanes.add(lane);
    this.#dirtyChunks.add(chunk);
    for (const [source, rows] of passed) {
      this.rows -= rows;
      this.ledger.count(this.names.nameOf(source), "written", rows);
    }
    if (chunk.upTo === chunk.lastSeq) this.#take(lane, chunk, this.#passed);
    return passed;
  }

  /** A row is not needed any more; the caller has made it a dead letter. */
  rejectRow(chunk: SpoolChunk, seq: number, source: string): void {
    chunk.gone.add(seq);
    addTo(chunk.live, this.names.numberOf(source), -1);
    this.rows--;
    this.#dirtyChunks.add(chunk);
  }

  /** Takes a chunk out before its rows were acknowledged; `kept`: its sealed value goes under another key. */
  remove(lane: SpoolLane, chunk: SpoolChunk, kept?: Blob): void {
    this.rows -= chunk.liveCount;
    if (kept) this.#moved.push(kept);
    this.#take(lane, chunk, this.#removed);
  }

  #take(lane: SpoolLane, chunk: SpoolChunk, to: SpoolChunk[]): void {
    chunk.isGone = true;
    chunk.release();
    lane.queue.remove(chunk);
    this.liveBytes -= chunk.bytes;
    to.push(chunk);
  }

  /** What is to be written now; undefined: nothing. */
  takeJob(): Job | undefined {
    const forming = this.#takeForming();
    const letters = this.letters.takeNew(JOB_LETTERS);
    for (const { source } of letters) this.ledger.touch(this.names.nameOf(source));
    const deleted = [...this.#takeDeleted(), ...this.letters.takePurged()];
    const whole = forming.map((each) => {
      const added = each.added.map(({ pack }) => pack);
      return { ...each, record: each.chunk.record(added), plain: encodeChunk(each.packs, this.names) };
    });
    const grown = new Set(forming.map(({ chunk }) => chunk));
    const entries = [...this.#takeRecords(grown), ...this.#takeLedger()];
    const moved = this.#moved;
    this.#moved = [];
    if (forming.length + letters.length + deleted.length + entries.length === 0) return undefined;
    return { forming: whole, letters, names: this.names.takeChanged(), entries, deleted, moved };
  }

  /** The job is on disk. */
  finish({ forming, chunkBytes, letters, letterBytes }: SealedJob): void {
    forming.forEach(({ lane, chunk, isNew, packs, added }, i) => {
      const bytes = chunkBytes[i] ?? 0;
      this.liveBytes += bytes - chunk.bytes;
      chunk.grow(packs, added.map(({ pack }) => pack), bytes);
      chunk.isGrowing = false;
      if (isNew) lane.queue.push(chunk);
      else lane.queue.arrival.wake();
      for (const { receipt } of added) receipt.close();
    });
    letters.forEach(({ id, receipt }, i) => {
      this.letters.stored(id, letterBytes[i] ?? 0);
      receipt?.close();
    });
  }

  #takeForming(): Forming[] {
    const forming: Forming[] = [];
    let bytes = 0;
    for (const lane of this.#lanes.values()) {
      while (bytes < JOB_BYTES && forming.length < JOB_CHUNKS) {
        const each = lane.form();
        if (!each) break;
        for (const { pack } of each.added) {
          bytes += pack.bytesIn(0, pack.length);
          this.#advance(lane, pack.firstSeq + pack.length);
          this.ledger.touch(pack.origin.source);
        }
        forming.push(each);
      }
    }
    this.pendingBytes -= bytes;
    return forming;
  }

  #advance(lane: SpoolLane, seq: number): void {
    const table = this.names.numberOf(this.tableOf(lane.id));
    if (seq <= (this.#nextSeq.get(table) ?? 0)) return;
    this.#nextSeq.set(table, seq);
    this.#dirtyTables.add(table);
  }

  #takeDeleted(): Deno.KvKey[] {
    const chunks = [...this.#removed, ...this.#passed.splice(0, JOB_DELETED)];
    this.#removed = [];
    return chunks.flatMap((chunk) => [chunk.infoKey, ...keysOf(chunk.key, chunk.bytes)]);
  }

  #takeRecords(grown: ReadonlySet<SpoolChunk>): Entry[] {
    const chunks = [...this.#dirtyChunks].filter((chunk) => !chunk.isGone && !grown.has(chunk));
    const entries = [
      ...chunks.map((chunk) => ({ key: chunk.infoKey, value: chunk.record() })),
      ...[...this.#dirtyLanes].map(({ number, head }) => ({ key: ["head", number], value: head })),
      ...[...this.#dirtyTables].map((table) => ({ key: ["seq", table], value: this.#nextSeq.get(table) })),
    ];
    for (const dirty of [this.#dirtyChunks, this.#dirtyLanes, this.#dirtyTables]) dirty.clear();
    return entries;
  }

  /** The counters as they are on disk once this job is: what no commit has taken yet was not received there. */
  #takeLedger(): Entry[] {
    const pending = this.#pendingRows();
    for (const source of this.letters.waitingSources) pending.set(source, (pending.get(source) ?? 0) + 1);
    return [...this.ledger.takeChanged()].map(([source, { counters, dropped }]) => {
      const received = counters.received - (pending.get(source) ?? 0);
      return { key: ["ledger", this.names.numberOf(source)], value: { counters: { ...counters, received }, dropped } };
    });
  }

  /** Per source, rows that wait for a commit. */
  #pendingRows(): Map<string, number> {
    const rows = new Map<string, number>();
    for (const lane of this.#lanes.values()) {
      for (const { pack } of lane.pending) {
        rows.set(pack.origin.source, (rows.get(pack.origin.source) ?? 0) + pack.length);
      }
    }
    return rows;
  }

  /** Measured: bytes of rows that are in memory beside the disk. */
  get hotBytes(): number {
    let bytes = 0;
    for (const { queue } of this.#lanes.values()) for (const chunk of queue.segments()) bytes += chunk.hotBytes;
    return bytes;
  }

  /** Measured: what is where now. */
  snapshot(forming: readonly Forming[]): LedgerSnapshot {
    const queued = this.#pendingRows();
    for (const { pack } of forming.flatMap(({ added }) => added)) {
      queued.set(pack.origin.source, (queued.get(pack.origin.source) ?? 0) + pack.length);
    }
    const spooled: PerSource = new Map();
    for (const { queue } of this.#lanes.values()) {
      for (const chunk of queue.segments()) {
        for (const [source, rows] of chunk.live) addTo(spooled, source, rows);
      }
    }
    return this.ledger.snapshot(this.#gauges(queued, spooled));
  }

  #gauges(queued: ReadonlyMap<string, number>, spooled: ReadonlyMap<number, number>): Map<string, LedgerGauges> {
    const letters = this.letters.bySource;
    const names = [...spooled.keys(), ...letters.keys()].map((number) => this.names.nameOf(number));
    return new Map([...new Set([...queued.keys(), ...names])].map((name) => {
      const number = this.names.numberOf(name);
      const dead_lettered = letters.get(number) ?? 0;
      return [name, { queued: queued.get(name) ?? 0, spooled: spooled.get(number) ?? 0, dead_lettered }];
    }));
  }
}
