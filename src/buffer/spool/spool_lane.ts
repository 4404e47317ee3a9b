import type { Arena } from "../arena.ts";
import { LaneQueue } from "../lane_queue.ts";
import type { RowPack } from "../row_pack.ts";
import type { Names } from "./names.ts";
import type { PendingPack } from "./pending_pack.ts";
import { SpoolChunk } from "./spool_chunk.ts";

/** A chunk is full with so many bytes of rows: compressed, they nearly always fit into one value of the store. */
export const CHUNK_BYTES = 128 * 1024;
/** A last chunk with fewer takes further rows, as long as nobody has read it: else a slow trickle makes endless chunks. */
const GROWABLE_BYTES = 24 * 1024;

/** A chunk that a commit makes, or makes larger. */
export interface Forming {
  readonly lane: SpoolLane;
  readonly chunk: SpoolChunk;
  readonly isNew: boolean;
  /** All rows that it will hold. */
  readonly packs: readonly RowPack[];
  /** Of them, those that are not in it yet. */
  readonly added: readonly PendingPack[];
}

/** One lane: what waits for a commit, and its chunks, oldest first. */
export class SpoolLane {
  readonly id: string;
  readonly number: number;
  readonly queue: LaneQueue<SpoolChunk>;
  readonly #names: Names;
  #pending: PendingPack[] = [];
  /** The chunk that rows were put into last. */
  #newest: SpoolChunk | undefined;
  /** Rows up to this `seq` are acknowledged. */
  head = 0;
  /** Nobody may read from it now. */
  isHeld = false;
  /** Somebody reads from it. */
  isRead = false;
  /** Rows up to this one were on disk alone at some time. */
  coldUpTo = 0;
  /** When rows of it were acknowledged last, by the monotonic clock. */
  ackedAtMs = -Infinity;
  /** Its rows go to disk. Otherwise they are in memory alone until there is a reason to. */
  isSpilling = true;
  /** Its chunks that are in memory alone and that no commit has taken, the oldest first. */
  readonly kept = new Set<SpoolChunk>();

  constructor(id: string, names: Names, arena: Arena) {
    this.queue = new LaneQueue(arena);
    this.id = id;
    this.number = names.numberOf(id);
    this.#names = names;
  }

  push(pending: PendingPack): void {
    this.#pending.push(pending);
  }

  get pending(): readonly PendingPack[] {
    return this.#pending;
  }

  /** Whether rows wait on disk alone. */
  get hasBacklog(): boolean {
    return (this.queue.peek()?.firstSeq ?? Infinity) <= this.coldUpTo;
  }

  /** Takes rows in, in memory alone. */
  keep(pending: PendingPack): SpoolChunk {
    const { tail } = this.queue;
    const isOpen = tail && tail === this.#newest && !tail.isStored && !tail.isGrowing && isUntouched(tail);
    const hasRoom = isOpen && tail.hotBytes + pending.pack.bytesIn(0, pending.pack.length) <= CHUNK_BYTES;
    const chunk = this.#newest = hasRoom ? tail : this.#newChunk(pending);
    chunk.keep(pending);
    this.kept.add(chunk);
    if (chunk === tail) this.queue.arrival.wake();
    else this.queue.push(chunk);
    return chunk;
  }

  /** Whether all that waits for the disk is there, and whoever reads keeps up: rows may stay in memory again. */
  get isCaughtUp(): boolean {
    const isIdle = this.#pending.length === 0 && this.kept.size === 0 && !this.#newest?.isGrowing;
    return isIdle && this.isRead && this.queue.peek() === undefined;
  }

  /** Takes what waits, up to a chunk. Undefined when nothing waits. */
  form(): Forming | undefined {
    return this.#formSpilled() ?? this.#formPending();
  }

  #formSpilled(): Forming | undefined {
    const [chunk] = this.isSpilling ? this.kept : [];
    if (!chunk?.packs) return undefined;
    this.kept.delete(chunk);
    chunk.isGrowing = true;
    return { lane: this, chunk, isNew: false, packs: chunk.packs, added: [] };
  }

  #formPending(): Forming | undefined {
    const [first] = this.#pending;
    if (!first) return undefined;
    const tail = this.#growable();
    let bytes = tail?.hotBytes ?? 0;
    let count = 0;
    for (const { pack } of this.#pending) {
      const size = pack.bytesIn(0, pack.length);
      if (count > 0 && bytes + size > CHUNK_BYTES) break;
      bytes += size;
      count++;
    }
    const added = this.#pending.slice(0, count);
    this.#pending = this.#pending.slice(count);
    const chunk = this.#newest = tail ?? this.#newChunk(first);
    chunk.isGrowing = true;
    return { lane: this, chunk, isNew: !tail, packs: [...tail?.packs ?? [], ...added.map(({ pack }) => pack)], added };
  }

  /** The chunk that a row is in; undefined where it is not needed any more. */
  chunkOf(seq: number): SpoolChunk | undefined {
    for (let chunk = this.queue.head; chunk && chunk.firstSeq <= seq; chunk = chunk.next) {
      if (chunk.has(seq)) return chunk;
    }
  }

  #growable(): SpoolChunk | undefined {
    const { tail } = this.queue;
    if (tail !== this.#newest) return undefined; // a commit under way makes one that belongs behind it
    if (!tail?.packs || tail.hotBytes >= GROWABLE_BYTES || tail.isGrowing) return undefined;
    return isUntouched(tail) ? tail : undefined;
  }

  #newChunk({ pack: { firstSeq }, acceptedAtMs }: PendingPack): SpoolChunk {
    return new SpoolChunk({ lane: this.number, firstSeq, names: this.#names, acceptedAtMs });
  }
}

/** Whether nobody has looked at its rows. */
function isUntouched({ wasSent, gone, upTo, firstSeq }: SpoolChunk): boolean {
  return !wasSent && gone.size === 0 && upTo < firstSeq;
}
