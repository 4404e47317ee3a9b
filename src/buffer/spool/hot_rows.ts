import type { SpoolChunk } from "./spool_chunk.ts";

/** Counts the unsent rows that are in memory beside the disk, so that they stay within a bound. */
export class HotRows {
  readonly #maxRows: number;
  readonly #maxBytes: number;
  readonly #chunks = new Map<SpoolChunk, { readonly rows: number; readonly bytes: number }>();
  rows = 0;
  bytes = 0;

  constructor({ maxRows, maxBytes }: { readonly maxRows: number; readonly maxBytes: number }) {
    this.#maxRows = maxRows;
    this.#maxBytes = maxBytes;
  }

  /** Counts the chunk as it is now, where its rows are in memory and wait to be sent. */
  add(chunk: SpoolChunk): void {
    this.remove(chunk);
    if (!chunk.packs || chunk.isSent || chunk.isGone) return;
    const extent = { rows: chunk.liveCount, bytes: chunk.hotBytes };
    this.#chunks.set(chunk, extent);
    this.rows += extent.rows;
    this.bytes += extent.bytes;
  }

  remove(chunk: SpoolChunk): void {
    const extent = this.#chunks.get(chunk);
    if (!extent) return;
    this.#chunks.delete(chunk);
    this.rows -= extent.rows;
    this.bytes -= extent.bytes;
  }

  get isOver(): boolean {
    return this.rows > this.#maxRows || this.bytes > this.#maxBytes;
  }

  /** Whether so many more rows would be too many. */
  isOverWith(rows: number): boolean {
    return this.isOver || this.rows + rows > this.#maxRows;
  }
}
