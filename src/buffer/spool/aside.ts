import type { Blob } from "./store.ts";

/** What does not open is kept for who may make sense of it, so much at most: the rest is counted alone. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Sealed values that do not open, and move to another key. */
export class Aside {
  /** Of all that are there. */
  bytes = 0;
  #new: Blob[] = [];

  add(blob: Blob): void {
    if (this.bytes + blob.sealed.length > MAX_BYTES) return;
    this.bytes += blob.sealed.length;
    this.#new.push(blob);
  }

  /** Those that are to be written. */
  take(): Blob[] {
    const blobs = this.#new;
    this.#new = [];
    return blobs;
  }
}
