import { freeMemory } from "../lib/free_memory.ts";

const CHUNK_BYTES = 256 * 1024;
/** Chunks that are kept for later: 8 MiB, enough for what a turn of the sink gives back. */
const MAX_FREE = 32;

/** A piece of memory that is filled from its start. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** How far it is filled. */
  end: number;
  /** How many still need something in it. */
  users: number;
}

/**
 * Memory for bytes that come in order and go roughly in order, used again and again. Left to the garbage collector it
 * would come back late: what waits for an acknowledgement has become old by then, and old memory is looked at seldom.
 */
export class Arena {
  /** Whether nobody looks at a chunk after its last user has left it. */
  readonly isReused: boolean;
  readonly #maxFree: number;
  readonly #free: Uint8Array[] = [];
  #current: Chunk = newChunk(new Uint8Array(CHUNK_BYTES));

  constructor({ isReused }: { readonly isReused: boolean }) {
    this.isReused = isReused;
    this.#maxFree = isReused ? MAX_FREE : 0;
  }

  /** The chunk being filled, or a new one where it has no room for `bytes` more. Whoever asks is a user of it. */
  enter(bytes: number): Chunk {
    if (this.#current.bytes.length - this.#current.end < bytes) this.#renew(bytes);
    this.#current.users++;
    return this.#current;
  }

  /** One user needs nothing in it any more. */
  leave(chunk: Chunk): void {
    chunk.users--;
    if (chunk !== this.#current) this.#takeBack(chunk);
  }

  #renew(bytes: number): void {
    const full = this.#current;
    const memory = bytes <= CHUNK_BYTES ? this.#free.pop() ?? new Uint8Array(CHUNK_BYTES) : new Uint8Array(bytes);
    this.#current = newChunk(memory);
    this.#takeBack(full);
  }

  #takeBack({ bytes, users }: Chunk): void {
    const isUseful = bytes.length === CHUNK_BYTES && this.#free.length < this.#maxFree;
    if (users > 0) return;
    if (isUseful) this.#free.push(bytes);
    else if (this.#maxFree > 0) freeMemory(bytes);
  }
}

function newChunk(bytes: Uint8Array): Chunk {
  return { bytes, end: 0, users: 0 };
}
