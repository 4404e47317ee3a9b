/** Larger pieces get memory of their own. */
const MAX_PIECE = 8 * 1024;
const CHUNK = 64 * 1024;

/**
 * Memory for many small, short-lived pieces of bytes: one allocation serves hundreds of them. A chunk lives as long as
 * any piece of it, so whoever keeps a piece for long keeps a copy (`slice`) instead.
 */
export class BytePool {
  #chunk = new Uint8Array(CHUNK);
  #at = 0;

  /** A copy of the bytes from 0 to `end`. */
  copy(bytes: Uint8Array<ArrayBuffer>, end: number): Uint8Array<ArrayBuffer> {
    if (end > MAX_PIECE) return bytes.slice(0, end);
    if (this.#at + end > CHUNK) {
      this.#chunk = new Uint8Array(CHUNK);
      this.#at = 0;
    }
    const piece = this.#chunk.subarray(this.#at, this.#at + end);
    piece.set(bytes.subarray(0, end));
    this.#at += end;
    return piece;
  }
}
