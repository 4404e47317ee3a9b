const FIRST_BYTES = 1024;
const LINE_FEED = 10;

/** What lines are read from. */
export interface ByteSource {
  read(into: Uint8Array): Promise<number | null>;
}

/**
 * The lines of a connection. What came and is not yet taken is in one buffer, which grows with it: how small the pieces
 * are that it comes in costs nothing.
 */
export class Lines {
  readonly #source: ByteSource;
  #buffer = new Uint8Array(FIRST_BYTES);
  /** Where in the buffer what came begins and ends, and up to where it has no line feed. */
  #start = 0;
  #end = 0;
  #searched = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * The next line without its line feed; undefined at the end, or when what comes is longer than `maxBytes` or is no UTF-8.
   * @throws what the connection throws
   */
  async next(maxBytes: number): Promise<string | undefined> {
    while (true) {
      const feed = this.#buffer.subarray(0, this.#end).indexOf(LINE_FEED, this.#searched);
      if (feed >= 0) return feed - this.#start > maxBytes ? undefined : this.#take(feed);
      this.#searched = this.#end;
      if (this.#end - this.#start > maxBytes) return undefined;
      this.#makeRoom(maxBytes);
      const length = await this.#source.read(this.#buffer.subarray(this.#end));
      if (length === null) return undefined;
      this.#end += length;
    }
  }

  #take(feed: number): string | undefined {
    const line = this.#buffer.subarray(this.#start, feed);
    this.#start = this.#searched = feed + 1;
    return textOf(line);
  }

  /** Room for one byte at least, and never for much more than a line may have. */
  #makeRoom(maxBytes: number): void {
    if (this.#end < this.#buffer.length) return;
    const kept = this.#buffer.subarray(this.#start, this.#end);
    const isFull = kept.length === this.#buffer.length;
    const next = isFull ? new Uint8Array(Math.min(kept.length * 2, maxBytes + FIRST_BYTES)) : this.#buffer;
    next.set(kept); // the two may overlap
    this.#buffer = next;
    this.#start = 0;
    this.#end = this.#searched = kept.length;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined; // not UTF-8
  }
}
