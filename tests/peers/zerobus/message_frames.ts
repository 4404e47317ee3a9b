import { Code, Refused } from "./status.ts";

/** Compressed flag and length ("gRPC over HTTP2", Length-Prefixed-Message). */
const PREFIX_BYTES = 5;

/** Cuts the body of a call into its messages. A message that lies in one chunk is a view of it; others are put together. */
export class MessageFrames {
  readonly #maxBytes: number;
  #prefix = new Uint8Array(PREFIX_BYTES);
  #prefixFill = 0;
  #message: Uint8Array | undefined;
  #fill = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Calls `take` with each message that ends in `chunk`. @throws {Refused} for one that is compressed or too long */
  push(chunk: Uint8Array, take: (message: Uint8Array) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#message) at = this.#fillMessage(chunk, at, take);
      else if (this.#prefixFill === 0 && chunk.length - at >= PREFIX_BYTES) at = this.#begin(chunk, at, take);
      else at = this.#fillPrefix(chunk, at, take);
    }
  }

  #begin(chunk: Uint8Array, at: number, take: (message: Uint8Array) => void): number {
    const size = this.#sizeOf(chunk, at);
    const start = at + PREFIX_BYTES;
    if (start + size > chunk.length) return this.#expect(size, start, take);
    take(chunk.subarray(start, start + size));
    return start + size;
  }

  #fillPrefix(chunk: Uint8Array, at: number, take: (message: Uint8Array) => void): number {
    while (this.#prefixFill < PREFIX_BYTES && at < chunk.length) this.#prefix[this.#prefixFill++] = chunk[at++] ?? 0;
    if (this.#prefixFill < PREFIX_BYTES) return at;
    this.#prefixFill = 0;
    return this.#expect(this.#sizeOf(this.#prefix, 0), at, take);
  }

  #expect(size: number, at: number, take: (message: Uint8Array) => void): number {
    if (size === 0) take(new Uint8Array());
    else {
      this.#message = new Uint8Array(size);
      this.#fill = 0;
    }
    return at;
  }

  #fillMessage(chunk: Uint8Array, at: number, take: (message: Uint8Array) => void): number {
    const message = this.#message ?? new Uint8Array();
    const part = Math.min(message.length - this.#fill, chunk.length - at);
    message.set(chunk.subarray(at, at + part), this.#fill);
    this.#fill += part;
    if (this.#fill === message.length) {
      this.#message = undefined;
      take(message);
    }
    return at + part;
  }

  #sizeOf(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== 0) throw new Refused(Code.UNIMPLEMENTED, "messages must not be compressed");
    const size = new DataView(bytes.buffer, bytes.byteOffset + at + 1, 4).getUint32(0);
    if (size <= this.#maxBytes) return size;
    throw new Refused(Code.RESOURCE_EXHAUSTED, `a request of ${size} bytes is longer than ${this.#maxBytes}`);
  }
}

/** A message with its prefix. */
export function framed(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PREFIX_BYTES + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}
