const READ_BYTES = 16 * 1024;
const LINE_FEED = 10;

/** What lines are read from. */
export interface ByteSource {
  read(into: Uint8Array): Promise<number | null>;
}

/** The lines of a connection, each of at most so many bytes. */
export class Lines {
  readonly #source: ByteSource;
  readonly #maxBytes: number;
  /** What came after the last line, in the pieces that it came in: a long line is put together once. */
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(source: ByteSource, maxBytes: number) {
    this.#source = source;
    this.#maxBytes = maxBytes;
  }

  /**
   * The next line without its line feed; undefined at the end, or when what comes is longer than a line may be or is no
   * UTF-8.
   * @throws what the connection throws
   */
  async next(): Promise<string | undefined> {
    while (this.#length <= this.#maxBytes) {
      const piece = this.#pieces.at(-1);
      const end = piece?.indexOf(LINE_FEED) ?? -1;
      if (piece && end >= 0) return this.#take(piece, end);
      const bytes = new Uint8Array(READ_BYTES);
      const length = await this.#source.read(bytes);
      if (length === null) return undefined;
      this.#pieces.push(bytes.subarray(0, length));
      this.#length += length;
    }
    return undefined;
  }

  /** The line that ends at `end` of the last piece; what is behind it is kept. */
  #take(piece: Uint8Array, end: number): string | undefined {
    const parts = [...this.#pieces.slice(0, -1), piece.subarray(0, end)];
    const rest = piece.subarray(end + 1);
    this.#pieces = [rest];
    this.#length = rest.length;
    return textOf(parts);
  }
}

function textOf(parts: readonly Uint8Array[]): string | undefined {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined; // not UTF-8
  }
}
