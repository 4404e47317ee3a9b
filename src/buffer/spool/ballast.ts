const PIECE = new Uint8Array(1024 * 1024).fill(0xb5);

/** A file that only takes up room, so that there is some to give back when the disk is full: deleting rows needs room too. */
export class Ballast {
  readonly #path: string;
  readonly #megabytes: number;

  /** `megabytes` 0: there is none, and making it always succeeds. */
  constructor(path: string, megabytes: number) {
    this.#path = path;
    this.#megabytes = megabytes;
  }

  /** Bytes that it takes up. */
  get bytes(): number {
    return this.#megabytes * PIECE.length;
  }

  /** Makes the file where it is not there whole. Says whether there was room for it. */
  make(): boolean {
    if (this.#megabytes === 0 || this.#size() === this.bytes) return true;
    try {
      using file = Deno.openSync(this.#path, { write: true, create: true, truncate: true, mode: 0o600 });
      for (let i = 0; i < this.#megabytes; i++) {
        for (let at = 0; at < PIECE.length;) at += file.writeSync(PIECE.subarray(at));
      }
      return true;
    } catch {
      this.free(); // no room: that is the answer
      return false;
    }
  }

  free(): void {
    try {
      Deno.removeSync(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #size(): number {
    try {
      return Deno.statSync(this.#path).size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return -1;
      throw error;
    }
  }
}
