import { laneNamed } from "../../core/lane.ts";
import type { Ledger, LedgerSnapshot } from "../ledger.ts";
import { Arena } from "../arena.ts";
import type { RowPack } from "../row_pack.ts";
import { encodeChunk } from "./chunk_codec.ts";
import { type Job, NEXT_LETTER_KEY, type SealedJob } from "./job.ts";
import type { SpooledLetters } from "./letters.ts";
import { Missing } from "./missing.ts";
import type { Names } from "./names.ts";
import type { Sealer } from "./seal.ts";
import { Aside } from "./aside.ts";
import { addNamed, gaugesOf } from "./gauges.ts";
import { CHUNK_KEYS, Garbage } from "./garbage.ts";
import { addTo, type PerSource, type SpoolChunk } from "./spool_chunk.ts";
import type { PendingPack } from "./pending_pack.ts";
import { Numbering } from "./numbering.ts";
import { type Forming, SpoolLane } from "./spool_lane.ts";
import type { Blob, Entry } from "./store.ts";

/** Bytes of rows, and chunks, that one commit takes at most. */
const JOB_BYTES = 512 * 1024;
const JOB_CHUNKS = 32;
/** Keys that one commit writes and deletes at most, of the 1,000 that the store takes; deleting can wait. */
const JOB_KEYS = 900;
/** Dead letters that one commit takes at most, beside those that come from its rows. */
const JOB_LETTERS = 30;
/** Other records and keys that a commit is to change before whoever would add to them waits for it. */
const MAX_CHANGES = 200;

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

/** Everything a spool knows, and what of it is not on disk yet. All of it changes without waiting. */
export class SpoolState {
  readonly names: Names;
  readonly ledger: Ledger;
  readonly letters: SpooledLetters;
  /** Bytes of rows that no commit has taken yet, and of those that commits under way write. */
  pendingBytes = 0;
  formingBytes = 0;
  /** Sealed bytes of all chunks. */
  liveBytes = 0;
  /** Rows of all chunks that are needed, and those that wait for a commit. */
  rows = 0;
  /** Packs that wait for a commit and that a device waits for. */
  #awaited = 0;
  readonly #isMemoryReused: boolean;
  readonly #lanes = new Map<string, SpoolLane>();
  readonly #tableOf = new Map<string, string>();
  readonly #dirtyChunks = new Set<SpoolChunk>();
  readonly #dirtyLanes = new Set<SpoolLane>();
  readonly #numbering = new Numbering();
  readonly #missing = new Missing();
  #notes: Entry[] = [];
  readonly #garbage = new Garbage();
  readonly aside = new Aside();
  /** What the store says of the next letter's id. */
  #nextLetter: number;
  /** Told of each chunk that is not needed any more. */
  onTaken: (chunk: SpoolChunk) => void = () => {};

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
    if (pending.isWithheld) this.#awaited++;
  }

  /** Takes accepted rows in, in memory alone. */
  keep(lane: SpoolLane, pending: PendingPack, table: string): SpoolChunk {
    this.#tableOf.set(lane.id, table);
    this.rows += pending.pack.length;
    this.#numbering.advance(this.#tableNumber(lane), pending.pack.firstSeq + pending.pack.length);
    return lane.keep(pending);
  }

  /** Whether somebody waits for something to be on disk: a device that is acknowledged then, or a person. */
  get isAwaited(): boolean {
    return this.#awaited > 0 || this.#isSpilling || this.letters.waiting > 0 || this.#garbage.isUrgent;
  }

  get #isSpilling(): boolean {
    return [...this.#lanes.values()].some((lane) => lane.isSpilling && lane.kept.size > 0);
  }

  /** Whether there is something that is to be on disk, be it soon. */
  get isUrgent(): boolean {
    return this.#isSpilling || this.pendingBytes > 0 || this.letters.waiting > 0 || this.#garbage.isUrgent;
  }

  /**
   * Whether a commit has so much to change beside rows that more must wait: the store takes 1,000 changes at a time. Not
   * counted are the sources' counters, of which there is one record each.
   */
  get isCrowded(): boolean {
    const records = this.#dirtyChunks.size + this.#dirtyLanes.size + this.#numbering.changes + this.#notes.length;
    return records + this.#garbage.urgentKeys + this.letters.deletedKeys + this.#missing.changes > MAX_CHANGES;
  }

  /** Whether as many rows wait as one commit takes. */
  get isJobFull(): boolean {
    return this.pendingBytes >= JOB_BYTES;
  }

  /** Takes a chunk that an earlier process left; one whose rows were all acknowledged is only to be deleted. */
  restore(lane: SpoolLane, chunk: SpoolChunk): void {
    if (chunk.lastSeq <= lane.head) {
      chunk.isGone = true;
      this.#garbage.pass(chunk);
      return;
    }
    lane.queue.push(chunk);
    lane.coldUpTo = chunk.lastSeq;
    this.liveBytes += chunk.bytes;
    this.rows += chunk.liveCount;
  }

  /** All rows up to `seq` are acknowledged: says how many of each source that were, in the chunk they were in. */
  pass(lane: SpoolLane, chunk: SpoolChunk, seq: number): PerSource {
    const passed = chunk.passTo(seq);
    if (!chunk.isStored) this.#numbering.touch(this.#tableNumber(lane));
    lane.head = Math.max(lane.head, Math.min(seq, chunk.lastSeq));
    this.#dirtyLanes.add(lane);
    if (chunk.upTo < chunk.lastSeq) this.#dirtyChunks.add(chunk);
    for (const [source, rows] of passed) {
      this.rows -= rows;
      this.ledger.count(this.names.nameOf(source), "written", rows);
    }
    if (chunk.upTo === chunk.lastSeq) {
      this.#take(lane, chunk);
      this.#garbage.pass(chunk);
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
    if (kept) this.aside.add(kept);
    const firstSeq = Math.max(chunk.firstSeq, chunk.upTo + 1);
    this.missing(this.tableOf(lane.id), { firstSeq, lastSeq: chunk.lastSeq, reason, timeUs });
    if (chunk.isSent) chunk.forget(); // somebody looks at its rows
    this.#take(lane, chunk);
    this.#garbage.remove(chunk);
  }

  /** Numbers of a table that will not arrive there. */
  missing(table: string, range: Parameters<Missing["note"]>[1]): void {
    this.#missing.note(this.names.numberOf(table), range);
  }

  /** A record that the next commit writes as it is. */
  note(entry: Entry): void {
    this.#notes.push(entry);
  }

  /** Numbers of the table below `end` are in use, or may be: 0 says that none are but those that the store knows of. */
  noteReserved(table: string, end: number): void {
    this.note({ key: ["reserved", this.names.numberOf(table)], value: end });
  }

  /** The store is to know that the next row of the table has this number. */
  skipTo(table: string, seq: number): void {
    this.#numbering.advance(this.names.numberOf(table), seq);
  }

  /** Ids of the keys that something is sealed with. Where that is not known of a value, all that there are. */
  keyIds(sealer: Pick<Sealer, "keyIds">): ReadonlySet<string> {
    const chunks = [...this.#lanes.values()].flatMap(({ queue }) => [...queue.segments()]);
    const ids = new Set([...chunks.map(({ keyId }) => keyId), ...this.letters.keyIds]);
    return ids.has(undefined) ? sealer.keyIds : new Set([...ids].flatMap((id) => id ?? []));
  }

  #take(lane: SpoolLane, chunk: SpoolChunk): void {
    chunk.isGone = true;
    if (!chunk.isStored) this.#numbering.touch(this.#tableNumber(lane));
    chunk.settle();
    this.#dirtyChunks.delete(chunk);
    lane.kept.delete(chunk);
    lane.queue.remove(chunk);
    this.liveBytes -= chunk.bytes;
    this.onTaken(chunk);
    chunk.release();
  }

  /** What is to be written now; undefined: nothing. */
  takeJob(): Job | undefined {
    const forming = this.#takeForming();
    const letters = this.letters.takeNew(JOB_LETTERS);
    for (const { head } of letters) this.ledger.touch(this.names.nameOf(head.source));
    const removed = [...this.#garbage.takeRemoved(), ...this.letters.takeDeleted()];
    const whole = forming.map((each) => {
      const added = each.added.map(({ pack }) => pack);
      return { ...each, record: each.chunk.record(added), plain: encodeChunk(each.packs, this.names) };
    });
    const grown = new Set(forming.map(({ chunk }) => chunk));
    const entries = [...this.#takeRecords(grown), ...this.#takeLedger()];
    const moved = this.aside.take();
    const keys = CHUNK_KEYS * forming.length + 2 * letters.length + removed.length + entries.length + moved.length;
    const deleted = [...removed, ...this.#garbage.takePassed(JOB_KEYS - keys)];
    if (forming.length + letters.length + deleted.length + entries.length === 0) return undefined;
    return { forming: whole, letters, names: this.names.takeChanged(), entries, deleted, moved };
  }

  /** The job is on disk. */
  finish({ forming, chunkBytes, letters, letterBytes, keyId }: SealedJob): void {
    forming.forEach(({ lane, chunk, isNew, packs, added }, i) => {
      const bytes = chunkBytes[i] ?? 0;
      this.liveBytes += bytes - chunk.bytes;
      for (const { pack } of added) this.formingBytes -= pack.bytesIn(0, pack.length);
      chunk.grow(packs, added.map(({ pack }) => pack), { bytes, keyId });
      chunk.isGrowing = false;
      chunk.isStored = true;
      chunk.settle();
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
        if (!each.isNew && !each.chunk.isStored) bytes += this.#spill(lane, each.chunk);
        for (const { pack, replaces, isWithheld } of each.added) {
          if (isWithheld) this.#awaited--;
          const size = pack.bytesIn(0, pack.length);
          bytes += size;
          this.pendingBytes -= size;
          this.formingBytes += size;
          if (replaces !== undefined) this.#replace(replaces, pack);
          this.#numbering.advance(this.#tableNumber(lane), pack.firstSeq + pack.length);
          this.ledger.touch(pack.origin.source);
        }
        forming.push(each);
      }
    }
    return forming;
  }

  /** A chunk that was in memory alone goes to disk. Says how many bytes its rows have. */
  #spill(lane: SpoolLane, chunk: SpoolChunk): number {
    this.#numbering.touch(this.#tableNumber(lane));
    for (const source of chunk.live.keys()) this.ledger.touch(this.names.nameOf(source));
    return chunk.hotBytes;
  }

  /** A dead letter becomes rows again: what it counts moves with the commit that writes them. */
  #replace(id: number, { origin: { source }, length }: RowPack): void {
    this.letters.takeOut(id);
    this.ledger.count(source, "received", length - 1);
  }

  #tableNumber({ id }: SpoolLane): number {
    return this.names.numberOf(this.tableOf(id));
  }

  #takeRecords(grown: ReadonlySet<SpoolChunk>): Entry[] {
    const chunks = [...this.#dirtyChunks].filter((chunk) => chunk.isStored && !chunk.isGone && !grown.has(chunk));
    const entries = [
      ...chunks.map((chunk) => ({ key: chunk.infoKey, value: chunk.record() })),
      ...[...this.#dirtyLanes].map(({ number, head }) => ({ key: ["head", number], value: head })),
      ...this.#numbering.take(this.#firstKept()),
      ...this.#missing.takeChanged(),
      ...this.#takeNextLetter(),
      ...this.#notes.splice(0),
    ];
    for (const dirty of [this.#dirtyChunks, this.#dirtyLanes]) dirty.clear();
    return entries;
  }

  /** Per table, the first row that is in memory alone. */
  #firstKept(): Map<number, number> {
    const first = new Map<number, number>();
    for (const lane of this.#lanes.values()) {
      const [chunk] = lane.kept;
      if (!chunk) continue;
      const table = this.#tableNumber(lane);
      first.set(table, Math.min(first.get(table) ?? Infinity, Math.max(chunk.firstSeq, chunk.upTo + 1)));
    }
    return first;
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
    for (const lane of this.#lanes.values()) {
      for (const { live } of lane.kept) addNamed(pending, live, this.names);
    }
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
      for (const { isStored, live } of queue.segments()) {
        if (!isStored) addNamed(queued, live, this.names);
        else for (const [source, rows] of live) addTo(spooled, source, rows);
      }
    }
    const letters = this.letters.bySource;
    return this.ledger.snapshot(gaugesOf({ queued, spooled, letters }, this.names));
  }
}
