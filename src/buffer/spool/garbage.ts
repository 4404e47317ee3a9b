import type { SpoolChunk } from "./spool_chunk.ts";
import { keysOf } from "./store.ts";

/** A chunk's rows and record come to so many keys at most, nearly always. */
export const CHUNK_KEYS = 4;

/** What is left of a chunk that is not needed any more. */
type Dead = Pick<SpoolChunk, "lane" | "firstSeq" | "bytes">;

/** Chunks that are to be deleted. */
export class Garbage {
  #passed: Dead[] = [];
  #removed: Deno.KvKey[] = [];

  /** Its rows were acknowledged: deleting it can wait. */
  pass(chunk: SpoolChunk): void {
    if (chunk.isStored) this.#passed.push(remainsOf(chunk));
  }

  /** Its rows were counted as something else: it goes in the same commit. */
  remove(chunk: SpoolChunk): void {
    if (chunk.isStored) this.#removed.push(...keysOfDead(remainsOf(chunk)));
  }

  get isUrgent(): boolean {
    return this.#removed.length > 0;
  }

  /** Keys of chunks that go with the next commit. */
  get urgentKeys(): number {
    return this.#removed.length;
  }

  takeRemoved(): Deno.KvKey[] {
    const keys = this.#removed;
    this.#removed = [];
    return keys;
  }

  /** Keys of chunks that were passed, so many at most. */
  takePassed(limit: number): Deno.KvKey[] {
    const keys: Deno.KvKey[] = [];
    let count = 0;
    while (count < this.#passed.length && keys.length < limit - CHUNK_KEYS) {
      keys.push(...keysOfDead(this.#passed[count++]!)); // within the array
    }
    this.#passed = this.#passed.slice(count);
    return keys;
  }
}

/** Of the chunk itself too much would stay in memory. */
function remainsOf({ lane, firstSeq, bytes }: SpoolChunk): Dead {
  return { lane, firstSeq, bytes };
}

function keysOfDead({ lane, firstSeq, bytes }: Dead): Deno.KvKey[] {
  return [["info", lane, firstSeq], ...keysOf(["chunk", lane, firstSeq], bytes)];
}
