/** Hundreds of messages share one allocation. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Writes protobuf's wire format (protobuf.dev, "Encoding"). Messages stand where they were written, one behind the other
 * in memory that they share: nothing is copied. That memory lives as long as any message in it, so whoever keeps one for
 * long keeps a copy (`slice`) instead.
 *
 * Each method writes one field: its key (field number and wire type, as one number ready to write), then the value.
 *
 * ```ts
 * const writer = new ProtoWriter();
 * writer.double((1 << 3) | 1, 21.5);
 * const bytes = writer.finish();
 * ```
 */
export class ProtoWriter {
  readonly #chunkBytes: number;
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  /** Where the current message begins. */
  #start = 0;
  #at = 0;
  readonly #text = new TextEncoder();

  /** `chunkBytes`: messages that need more get memory of their own. */
  constructor(chunkBytes = CHUNK_BYTES) {
    this.#chunkBytes = chunkBytes;
    this.#buffer = new Uint8Array(chunkBytes);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** What was written since the last call. Nothing will change it. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#buffer.length > this.#chunkBytes) return this.#finishLarge();
    const message = new Uint8Array(this.#buffer.buffer, this.#start, this.#at - this.#start);
    this.#start = this.#at;
    return message;
  }

  /** The message that `write` writes. Where it throws, nothing of it is left for the next one. */
  message(write: () => void): Uint8Array<ArrayBuffer> {
    try {
      write();
    } catch (error) {
      this.finish();
      throw error;
    }
    return this.finish();
  }

  #finishLarge(): Uint8Array<ArrayBuffer> {
    const message = this.#buffer.slice(0, this.#at);
    this.#moveTo(new Uint8Array(this.#chunkBytes), 0);
    return message;
  }

  /** Bytes that are already wire format. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  bool(key: number, value: boolean): void {
    this.#reserve(11);
    this.#varint(key);
    this.#buffer[this.#at++] = value ? 1 : 0;
  }

  /** A whole number within int32; negative ones take ten bytes, as the format wants it. */
  int32(key: number, value: number): void {
    this.int64(key, value | 0);
  }

  /** A whole number, exact: a `number` up to 2^53 - 1 or any `bigint` of 64 bits. */
  int64(key: number, value: number | bigint): void {
    this.#reserve(20);
    this.#varint(key);
    if (typeof value === "bigint") this.#bigVarint(BigInt.asUintN(64, value));
    else if (value < 0) this.#bigVarint(BigInt.asUintN(64, BigInt(value)));
    else this.#varint(value);
  }

  double(key: number, value: number): void {
    this.#reserve(18);
    this.#varint(key);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  bytes(key: number, value: Uint8Array): void {
    this.#reserve(20 + value.length);
    this.#varint(key);
    this.#varint(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. */
  string(key: number, value: string): void {
    this.#reserve(20 + value.length * 3);
    this.#varint(key);
    if (value.length < 64 && this.#ascii(value)) return;
    // The length stands before the text and its own size is not known yet: leave room for the longest it can be.
    const start = this.#at;
    const room = varintSize(value.length * 3);
    const { written } = this.#text.encodeInto(value, this.#buffer.subarray(start + room));
    this.#varint(written);
    this.#buffer.copyWithin(this.#at, start + room, start + room + written);
    this.#at += written;
  }

  /** Short ASCII text, the usual case, without a call into the runtime. Writes nothing and says false for other text. */
  #ascii(value: string): boolean {
    const start = this.#at;
    const buffer = this.#buffer;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[start + 1 + i] = code;
    }
    buffer[start] = value.length;
    this.#at = start + 1 + value.length;
    return true;
  }

  #varint(value: number): void {
    const buffer = this.#buffer;
    while (value > 0x7fffffff) {
      buffer[this.#at++] = (value % 128) | 0x80;
      value = Math.floor(value / 128);
    }
    while (value > 0x7f) {
      buffer[this.#at++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    buffer[this.#at++] = value;
  }

  #bigVarint(value: bigint): void {
    while (value > 0x7fn) {
      this.#buffer[this.#at++] = Number(value & 0x7fn) | 0x80;
      value >>= 7n;
    }
    this.#buffer[this.#at++] = Number(value);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const written = this.#at - this.#start;
    const needed = written + bytes;
    const size = needed <= this.#chunkBytes ? this.#chunkBytes : needed * 2;
    const next = new Uint8Array(size);
    next.set(this.#buffer.subarray(this.#start, this.#at));
    this.#moveTo(next, written);
  }

  /** Goes on in this memory, which holds the first bytes of the current message. */
  #moveTo(buffer: Uint8Array<ArrayBuffer>, written: number): void {
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer);
    this.#start = 0;
    this.#at = written;
  }
}

/** How many bytes a whole number takes as a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (; value > 0x7f; value = Math.floor(value / 128)) size++;
  return size;
}
