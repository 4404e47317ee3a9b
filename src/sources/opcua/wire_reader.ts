import { DecodeError } from "../../core/error.ts";

const utf8 = new TextDecoder();
/** Variants in variants and the like: more levels than this are an attack, not a value (OPC UA Part 6, 5.1.8). */
const MAX_DEPTH = 100;
/** Text made of one message. A value's text is longer than its bytes, in arrays of variants many times. */
const MAX_CHARACTERS = 67_108_864;

/** What is known of structures beyond the standard's own. */
export interface StructureReaders {
  /** Reads the body of a structure, by the id of its encoding, as JSON text. */
  reader(encodingId: string): ((reader: WireReader) => string) | undefined;
}

/** Reads OPC UA binary (Part 6, 5.2): little endian, lengths as Int32 with -1 for null. */
export class WireReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly structures: StructureReaders | undefined;
  readonly #view: DataView;
  #depth = 0;
  #characters = 0;
  #fault: DecodeError | undefined;

  constructor(bytes: Uint8Array, at = 0, structures?: StructureReaders) {
    this.bytes = bytes;
    this.at = at;
    this.structures = structures;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  int8(): number {
    return this.#view.getInt8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int16(): number {
    return this.#view.getInt16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true);
  }

  float(): number {
    return this.#view.getFloat32(this.#advance(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  string(): string | null {
    const bytes = this.byteString();
    return bytes && utf8.decode(bytes);
  }

  /** A view onto the message, not a copy. */
  byteString(): Uint8Array | null {
    const length = this.int32();
    if (length < 0) return null;
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  guid(): string {
    const data1 = this.uint32().toString(16).padStart(8, "0");
    const data2 = this.uint16().toString(16).padStart(4, "0");
    const data3 = this.uint16().toString(16).padStart(4, "0");
    const start = this.#advance(8);
    const data4 = this.bytes.subarray(start, start + 8).toHex();
    return `${data1}-${data2}-${data3}-${data4.slice(0, 4)}-${data4.slice(4)}`;
  }

  /** How many elements follow; null for a null array. Each takes a byte at least, so more than what is left is a lie. */
  arrayLength(): number | null {
    const length = this.int32();
    if (length > this.bytes.length - this.at) throw malformed(`an array of ${length} elements does not fit`);
    return length < 0 ? null : length;
  }

  /** `read`, one level further down. @throws {DecodeError} when values are nested too deeply */
  nested<T>(read: () => T): T {
    if (this.#depth >= MAX_DEPTH) throw malformed(`values are nested more than ${MAX_DEPTH} deep`);
    this.#depth++;
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  /** Hands on a text that was made of what was read. @throws {DecodeError} when it is too much for one message */
  made(text: string): string {
    this.count(text.length + 1); // and a comma or what else comes between
    return text;
  }

  /** As `made`, for a text that is about to be made. */
  count(characters: number): void {
    this.#characters += characters;
    if (this.#characters > MAX_CHARACTERS) throw malformed(`it makes more than ${MAX_CHARACTERS} characters of text`);
  }

  /** What was read makes no value, although it is known where it ends: reading goes on, and the first reason is kept. */
  fault(why: string): void {
    this.#fault ??= malformed(why);
  }

  /** The fault since the last call. */
  takeFault(): DecodeError | undefined {
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
  }

  #advance(bytes: number): number {
    const start = this.at;
    const end = start + bytes;
    if (end > this.bytes.length) throw malformed(`it ends after ${this.bytes.length} bytes, ${end} were expected`);
    this.at = end;
    return start;
  }
}

/** What the server sent is not OPC UA binary. */
export function malformed(why: string): DecodeError {
  return new DecodeError("opcua_malformed", `The server sent a value that cannot be decoded: ${why}`);
}
