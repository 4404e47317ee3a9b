import { laneNamed } from "../../core/lane.ts";
import { Ledger, type LedgerGauges, type LedgerSnapshot } from "../ledger.ts";
import { Arena } from "../arena.ts";
import type { RowPack } from "../row_pack.ts";
import { encodeChunk } from "./chunk_codec.ts";
import { type Job, NEXT_LETTER_KEY, type SealedJob } from "./job.ts";
import type { SpooledLetters } from "./letters.ts";
import { Missing } from "./missing.ts";
import type { Names } from "./names.ts";
import type { Sealer } from "./seal.ts";
import { addTo, type PerSource, type SpoolChunk } from "./spool_chunk.ts";
import { type Forming, type PendingPack, SpoolLane } from "./spool_lane.ts";
import { type Blob, type Entry, keysOf } from "./store.ts";

/** Bytes of rows, and chunks, that one commit takes at most. */
const JOB_BYTES = 512 * 1024;
const JOB_CHUNKS = 64;
/** Keys that one commit writes and deletes at most, of the 1,000 that the store takes; deleting can wait. */
const JOB_KEYS = 900;
/** A chunk's rows and record come to so many keys at most, nearly always. */
const CHUNK_KEYS = 4;
/** Dead letters that one commit takes at most, beside those that come from its rows. */
const JOB_LETTERS = 100;

export interface StateParts {
  /** Whether nobody looks at a row of a lane once it is acknowledged. */
  readonly isMemoryReused: boolean;
  readonly names: Names;
  readonly ledger: Ledger;
  readonly letters: SpooledLetters;
}

/** Why a chunk is taken out before its rows were acknowledged. */
export interface Removal {
  readonly reason: string;
  /** Now: microseconds since 1970-01-01 UTC. */
  readonly timeUs: number;
  readonly kept?: Blob | undefined;
}

/** What is left of a chunk that is not needed any more. */
type Dead = Pick<SpoolChunk, "lane" | "firstSeq" | "bytes">;

function deadChunk({ lane, firstSeq, bytes }: SpoolChunk): Dead {
  return { lane, firstSeq, bytes };
}

function keysOfDead({ lane, firstSeq, bytes }: Dead): Deno.KvKey[] {
  return [["info", lane, firstSeq], ...keysOf(["chunk", lane, firstSeq], bytes)];
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
  readonly #missing = new Missing();
  #notes: Entry[] = [];
  /** Chunks that are not needed any more: deleting them can wait. */
  #passed: Dead[] = [];
  /** Keys of chunks that were counted as something else: they go in the same commit. */
  #removed: Deno.KvKey[] = [];
  #moved: Blob[] = [];
  /** What the store says of the next letter's id. */
  #nextLetter: number;

  constructor({ names, ledger, letters, isMemoryReused }: StateParts) {
    this.#isMemoryReused = isMemoryReused;
    this.names = names;
    this.ledger = ledger;
    this.letters = letters;
    this.#nextLetter = letters.nextId;
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

  /** Whether as many rows wait as one commit takes. */
  get isJobFull(): boolean {
    return this.pendingBytes >= JOB_BYTES;
  }

  /** Takes a chunk that an earlier process left; one whose rows were all acknowledged is only to be deleted. */
  restore(lane: SpoolLane, chunk: SpoolChunk): void {
    if (chunk.lastSeq <= lane.head) {
      chunk.isGone = true;
      this.#passed.push(deadChunk(chunk));
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
    if (chunk.upTo === chunk.lastSeq) {
      this.#take(lane, chunk);
      this.#passed.push(deadChunk(chunk));
    }
    return passed;
  }

  /** A row is not needed any more; the caller has made it a dead letter. */
  rejectRow(chunk: SpoolChunk, seq: number, source: string): void {
    chunk.gone.add(seq);
    addTo(chunk.live, this.names.numberOf(source), -1);
    this.rows--;
    this.#dirtyChunks.add(chunk);
  }

  /**
   * Takes a chunk out before its rows were acknowledged: their numbers will not arrive, for this `reason`. The caller
   * counts them. `kept`: its sealed value goes under another key.
   */
  remove(lane: SpoolLane, chunk: SpoolChunk, { reason, timeUs, kept }: Removal): void {
    this.rows -= chunk.liveCount;
    if (kept) this.#moved.push(kept);
    const firstSeq = Math.max(chunk.firstSeq, chunk.upTo + 1);
    this.missing(this.tableOf(lane.id), { firstSeq, lastSeq: chunk.lastSeq, reason, timeUs });
    this.#take(lane, chunk);
    this.#removed.push(...keysOfDead(deadChunk(chunk)));
  }

  /** Numbers of a table that will not arrive there. */
  missing(table: string, range: Parameters<Missing["note"]>[1]): void {
    this.#missing.note(this.names.numberOf(table), range);
  }

  /** A record that the next commit writes as it is. */
  note(entry: Entry): void {
    this.#notes.push(entry);
  }

  /** Ids of the keys that something is sealed with. Where that is not known of a value, all that there are. */
  keyIds(sealer: Pick<Sealer, "keyIds">): ReadonlySet<string> {
    const chunks = [...this.#lanes.values()].flatMap(({ queue }) => [...queue.segments()]);
    const ids = new Set([...chunks.map(({ keyId }) => keyId), ...this.letters.keyIds]);
    return ids.has(undefined) ? sealer.keyIds : new Set([...ids].flatMap((id) => id ?? []));
  }

  #take(lane: SpoolLane, chunk: SpoolChunk): void {
    chunk.isGone = true;
    chunk.release();
    lane.queue.remove(chunk);
    this.liveBytes -= chunk.bytes;
  }

  /** What is to be written now; undefined: nothing. */
  takeJob(): Job | undefined {
    const forming = this.#takeForming();
    const letters = this.letters.takeNew(JOB_LETTERS);
    for (const { head } of letters) this.ledger.touch(this.names.nameOf(head.source));
    const removed = [...this.#removed, ...this.letters.takeDeleted()];
    this.#removed = [];
    const whole = forming.map((each) => {
      const added = each.added.map(({ pack }) => pack);
      return { ...each, record: each.chunk.record(added), plain: encodeChunk(each.packs, this.names) };
    });
    const grown = new Set(forming.map(({ chunk }) => chunk));
    const entries = [...this.#takeRecords(grown), ...this.#takeLedger()];
    const moved = this.#moved;
    this.#moved = [];
    const keys = CHUNK_KEYS * forming.length + 2 * letters.length + removed.length + entries.length + moved.length;
    const deleted = [...removed, ...this.#takePassed(JOB_KEYS - keys)];
    if (forming.length + letters.length + deleted.length + entries.length === 0) return undefined;
    return { forming: whole, letters, names: this.names.takeChanged(), entries, deleted, moved };
  }

  /** The job is on disk. */
  finish({ forming, chunkBytes, letters, letterBytes, keyId }: SealedJob): void {
    forming.forEach(({ lane, chunk, isNew, packs, added }, i) => {
      const bytes = chunkBytes[i] ?? 0;
      this.liveBytes += bytes - chunk.bytes;
      chunk.grow(packs, added.map(({ pack }) => pack), { bytes, keyId });
      chunk.isGrowing = false;
      if (isNew) lane.queue.push(chunk);
      else lane.queue.arrival.wake();
      for (const { receipt } of added) receipt.close();
    });
    letters.forEach(({ id, receipt }, i) => {
      this.letters.stored(id, { bytes: letterBytes[i] ?? 0, keyId });
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
        for (const { pack, replaces } of each.added) {
          bytes += pack.bytesIn(0, pack.length);
          if (replaces !== undefined) this.#replace(replaces, pack);
          this.#advance(lane, pack.firstSeq + pack.length);
          this.ledger.touch(pack.origin.source);
        }
        forming.push(each);
      }
    }
    this.pendingBytes -= bytes;
    return forming;
  }

  /** A dead letter becomes rows again: what it counts moves with the commit that writes them. */
  #replace(id: number, { origin: { source }, length }: RowPack): void {
    this.letters.takeOut(id);
    this.ledger.count(source, "received", length - 1);
  }

  #advance(lane: SpoolLane, seq: number): void {
    const table = this.names.numberOf(this.tableOf(lane.id));
    if (seq <= (this.#nextSeq.get(table) ?? 0)) return;
    this.#nextSeq.set(table, seq);
    this.#dirtyTables.add(table);
  }

  /** Keys of chunks that are not needed any more, as many as there is room for. */
  #takePassed(limit: number): Deno.KvKey[] {
    const keys: Deno.KvKey[] = [];
    let count = 0;
    while (count < this.#passed.length && keys.length < limit - CHUNK_KEYS) {
      keys.push(...keysOfDead(this.#passed[count++]!)); // within the array
    }
    this.#passed = this.#passed.slice(count);
    return keys;
  }

  #takeRecords(grown: ReadonlySet<SpoolChunk>): Entry[] {
    const chunks = [...this.#dirtyChunks].filter((chunk) => !chunk.isGone && !grown.has(chunk));
    const entries = [
      ...chunks.map((chunk) => ({ key: chunk.infoKey, value: chunk.record() })),
      ...[...this.#dirtyLanes].map(({ number, head }) => ({ key: ["head", number], value: head })),
      ...[...this.#dirtyTables].map((table) => ({ key: ["seq", table], value: this.#nextSeq.get(table) })),
      ...this.#missing.takeChanged(),
      ...this.#takeNextLetter(),
      ...this.#notes.splice(0),
    ];
    for (const dirty of [this.#dirtyChunks, this.#dirtyLanes, this.#dirtyTables]) dirty.clear();
    return entries;
  }

  /** No id of a letter is given twice. */
  #takeNextLetter(): Entry[] {
    const { nextId } = this.letters;
    if (nextId === this.#nextLetter) return [];
    this.#nextLetter = nextId;
    return [{ key: NEXT_LETTER_KEY, value: nextId }];
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
      for (const { pack, replaces } of lane.pending) {
        if (replaces !== undefined) continue; // counted as the dead letter that it still is
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
