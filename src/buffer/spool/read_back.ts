import { Condition } from "../../lib/condition.ts";
import type { SpoolChunk } from "./spool_chunk.ts";

/**
 * The chunks of a lane that were read back from the disk and are with a reader. A sink that takes as much as it is given
 * would have a backlog in memory up to its own bound, beside the rows that come in.
 */
export class ReadBack {
  readonly #maxBytes: number;
  readonly #chunks = new Map<SpoolChunk, number>();
  readonly #changed = new Condition();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Counts a chunk that is handed out, where it came from the disk. */
  add(chunk: SpoolChunk): void {
    if (!chunk.isReadBack || this.#chunks.has(chunk)) return;
    this.#chunks.set(chunk, chunk.hotBytes);
    this.#bytes += chunk.hotBytes;
  }

  /** The reader needs it no more. */
  remove(chunk: SpoolChunk): void {
    const bytes = this.#chunks.get(chunk);
    if (bytes === undefined) return;
    this.#chunks.delete(chunk);
    this.#bytes -= bytes;
    this.#changed.wake();
  }

  /** Whether another chunk must wait until one of these is acknowledged. */
  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes;
  }

  /** Resolves with true when fewer are out, with false when `signal` aborts first. */
  fewer(signal: AbortSignal): Promise<boolean> {
    return this.#changed.isWoken(signal);
  }
}
