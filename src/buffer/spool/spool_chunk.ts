import type { Rows } from "../../core/reading.ts";
import { joinRows } from "../joined_rows.ts";
import type { Linked } from "../lane_queue.ts";
import type { RowPack } from "../row_pack.ts";
import type { Names } from "./names.ts";
import type { PendingPack } from "./pending_pack.ts";

/** Rows, or bytes, per number of a source. */
export type PerSource = Map<number, number>;

/** What the store says about a chunk beside its sealed rows, so that nobody has to open it to count. */
export interface ChunkRecord {
  readonly lastSeq: number;
  /** Of the sealed value. */
  readonly bytes: number;
  /** Id of the key that it is sealed with. */
  readonly keyId?: string;
  /** Rows that are still needed, per source. */
  readonly live: readonly (readonly [source: number, rows: number])[];
  /** Rows up to this `seq` are not needed any more. */
  readonly upTo: number;
  /** Rows beyond it that are not needed any more either: they became dead letters. */
  readonly gone: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
}

export interface ChunkOrigin {
  /** The lane's number. */
  readonly lane: number;
  readonly firstSeq: number;
  readonly names: Names;
  readonly acceptedAtMs: number;
}

/** Neighbouring rows of a lane that were sealed together. They are on disk, and in memory too while it is `packs`. */
export class SpoolChunk implements Linked<SpoolChunk> {
  /** The lane's number. */
  readonly lane: number;
  readonly firstSeq: number;
  readonly acceptedAtMs: number;
  readonly live: PerSource = new Map();
  readonly gone = new Set<number>();
  lastSeq: number;
  upTo: number;
  bytes = 0;
  /** Id of the key that it is sealed with; undefined where that is not known. */
  keyId: string | undefined;
  fromUs = Infinity;
  toUs = -Infinity;
  packs: readonly RowPack[] | undefined;
  /** Bytes of the rows in `packs`. */
  hotBytes = 0;
  isSent = false;
  /** When it was handed out, by the monotonic clock. */
  sentAtMs = 0;
  /** It is on disk. Until then it is in memory alone. */
  isStored = false;
  /** What waits for its rows, while they are in memory alone. */
  waiting: PendingPack[] = [];
  /** A commit that writes it, or adds rows to it, is under way: nobody reads it until that is over. */
  isGrowing = false;
  /** It is not in its lane any more. */
  isGone = false;
  /** It was handed out before: its memory is never used for something else. */
  wasSent = false;
  /** Set while it is read from disk. */
  loading: Promise<void> | undefined;
  previous?: SpoolChunk | undefined;
  next?: SpoolChunk | undefined;

  readonly #names: Names;

  constructor({ lane, firstSeq, names, acceptedAtMs }: ChunkOrigin) {
    this.lane = lane;
    this.firstSeq = firstSeq;
    this.#names = names;
    this.lastSeq = firstSeq - 1;
    this.upTo = firstSeq - 1;
    this.acceptedAtMs = acceptedAtMs;
  }

  /** As an earlier process left it. */
  static restore(origin: ChunkOrigin, record: ChunkRecord): SpoolChunk {
    const chunk = new SpoolChunk(origin);
    const { lastSeq, upTo, bytes, keyId, fromUs, toUs } = record;
    Object.assign(chunk, { lastSeq, upTo, bytes, keyId, fromUs, toUs, isStored: true });
    for (const [source, rows] of record.live) chunk.live.set(source, rows);
    for (const seq of record.gone) chunk.gone.add(seq);
    return chunk;
  }

  get key(): Deno.KvKey {
    return ["chunk", this.lane, this.firstSeq];
  }

  get infoKey(): Deno.KvKey {
    return ["info", this.lane, this.firstSeq];
  }

  get liveCount(): number {
    let sum = 0;
    for (const rows of this.live.values()) sum += rows;
    return sum;
  }

  /** Whether a row with this number is in it and still needed. */
  has(seq: number): boolean {
    return seq > this.upTo && seq <= this.lastSeq && !this.gone.has(seq);
  }

  /** What the store is to say about it; `added` are rows that a commit puts into it. */
  record(added: readonly RowPack[] = []): ChunkRecord {
    const live = new Map(this.live);
    let { lastSeq, fromUs, toUs } = this;
    for (const pack of added) {
      addTo(live, this.#names.numberOf(pack.origin.source), pack.length);
      lastSeq = pack.firstSeq + pack.length - 1;
      fromUs = Math.min(fromUs, pack.fromUs);
      toUs = Math.max(toUs, pack.toUs);
    }
    const { upTo, gone, bytes, keyId } = this;
    return { lastSeq, bytes, ...(keyId ? { keyId } : {}), live: [...live], upTo, gone: [...gone], fromUs, toUs };
  }

  /** Takes rows that are in memory alone. */
  keep(pending: PendingPack): void {
    this.grow([...this.packs ?? [], pending.pack], [pending.pack], { bytes: 0 });
    this.waiting.push(pending);
  }

  /** Its rows are on disk, at the sink, or not needed any more. */
  settle(): void {
    for (const { receipt } of this.waiting) receipt.close();
    this.waiting = [];
  }

  /** Puts in what a commit added: `packs` are all rows that are in it now, `sealed` what they became on disk. */
  grow(packs: readonly RowPack[], added: readonly RowPack[], sealed: Pick<ChunkRecord, "bytes" | "keyId">): void {
    const { lastSeq, fromUs, toUs } = this.record(added);
    for (const pack of added) addTo(this.live, this.#names.numberOf(pack.origin.source), pack.length);
    Object.assign(this, { lastSeq, fromUs, toUs, ...sealed });
    this.warm(packs);
  }

  warm(packs: readonly RowPack[]): void {
    this.packs = packs;
    this.hotBytes = packs.reduce((sum, pack) => sum + pack.bytesIn(0, pack.length), 0);
  }

  /** Gives up the rows in memory: they are on disk. */
  cool(): void {
    if (this.wasSent) this.forget();
    else this.release();
  }

  /** Leaves the rows' memory to whoever looks at them. */
  forget(): void {
    this.packs = undefined;
    this.hotBytes = 0;
  }

  /** Gives its memory back: nobody looks at its rows any more. */
  release(): void {
    for (const pack of this.packs ?? []) pack.release();
    this.forget();
  }

  /** The rows that are still needed. They must be in memory. */
  rows(): Rows {
    const parts = (this.packs ?? []).flatMap((pack) => {
      const first = Math.max(0, this.upTo - pack.firstSeq + 1);
      if (first >= pack.length) return [];
      const rows = pack.rows(first, pack.length);
      return [this.gone.size > 0 ? [...rows].filter((row) => !this.gone.has(row.seq)) : rows];
    });
    return joinRows(parts);
  }

  /**
   * Moves its start on behind `seq`. Says how many rows per source that passed. A chunk that is passed in part must be
   * in memory.
   */
  passTo(seq: number): PerSource {
    if (seq >= this.lastSeq) {
      const all = new Map(this.live);
      this.live.clear();
      this.gone.clear();
      this.upTo = this.lastSeq;
      return all;
    }
    const passed: PerSource = new Map();
    for (const pack of this.packs ?? []) this.#pass(pack, seq, passed);
    this.upTo = Math.max(this.upTo, seq);
    for (const each of this.gone) if (each <= this.upTo) this.gone.delete(each);
    return passed;
  }

  #pass({ firstSeq, length, origin }: RowPack, seq: number, passed: PerSource): void {
    const from = Math.max(firstSeq, this.upTo + 1);
    const to = Math.min(firstSeq + length - 1, seq);
    if (to < from) return;
    let rows = to - from + 1;
    for (const each of this.gone) if (each >= from && each <= to) rows--;
    const source = this.#names.numberOf(origin.source);
    addTo(passed, source, rows);
    addTo(this.live, source, -rows);
  }
}

export function addTo(counts: PerSource, source: number, rows: number): void {
  const sum = (counts.get(source) ?? 0) + rows;
  if (sum === 0) counts.delete(source);
  else counts.set(source, sum);
}
