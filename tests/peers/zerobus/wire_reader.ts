/** Reads protobuf's wire format (protobuf.dev, "Encoding") field by field, without copies; one reader serves many messages. */
export class WireReader {
  #bytes: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(this.#bytes.buffer);
  #end = 0;
  /** Where the next byte is read. */
  at = 0;
  /** Number of the current field. */
  number = 0;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  wireType = 0;

  /** A reader at the beginning of `bytes`. */
  static of(bytes: Uint8Array): WireReader {
    const reader = new WireReader();
    reader.reset(bytes);
    return reader;
  }

  /** Goes to the beginning of another message: `bytes`, or the part from `start` to `end` of it. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.at = start;
    this.#end = end;
  }

  /** Reads the next field's key; false at the end. Its value must be read, or skipped, next. @throws {RangeError} */
  next(): boolean {
    if (this.at >= this.#end) return false;
    const key = this.length();
    this.number = key >>> 3;
    this.wireType = key & 7;
    if (this.number === 0) throw new RangeError("a field has number 0");
    return true;
  }

  /** A varint of at most 32 bits: a key, a length, an enum. @throws {RangeError} */
  length(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.at >= this.#end) throw new RangeError("the message is cut short");
      const byte = this.#bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError("a key or length has more than 32 bits");
  }

  /** A signed varint: a number where that is exact, else a bigint. @throws {RangeError} */
  int64(): number | bigint {
    let value = 0;
    let factor = 1;
    for (let size = 0; size < 7; size++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    return this.#longTail(BigInt(value));
  }

  double(): number {
    this.#need(8);
    this.at += 8;
    return this.#view.getFloat64(this.at - 8, true);
  }

  float(): number {
    this.#need(4);
    this.at += 4;
    return this.#view.getFloat32(this.at - 4, true);
  }

  /** The bytes of a length-delimited value, not copied. */
  bytes(): Uint8Array {
    const length = this.length();
    this.#need(length);
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    return decodeText(this.bytes());
  }

  skip(): void {
    switch (this.wireType) {
      case 0:
        for (let size = 0; this.#byte() >= 0x80; size++) if (size > 8) throw new RangeError("a varint has no end");
        return;
      case 1:
        return this.#skipBytes(8);
      case 2:
        return this.#skipBytes(this.length());
      case 5:
        return this.#skipBytes(4);
      default:
        throw new RangeError(`field ${this.number} has wire type ${this.wireType}`);
    }
  }

  #longTail(low: bigint): number | bigint {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return exact(BigInt.asIntN(64, value));
    }
    throw new RangeError("a varint has no end");
  }

  #byte(): number {
    if (this.at >= this.#end) throw new RangeError("the message is cut short");
    return this.#bytes[this.at++] ?? 0;
  }

  #need(length: number): void {
    if (this.at + length > this.#end) throw new RangeError(`field ${this.number} ends behind the message`);
  }

  #skipBytes(length: number): void {
    this.#need(length);
    this.at += length;
  }
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 text. @throws {RangeError} when the bytes are no UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length < 32) {
    const short = ascii(bytes);
    if (short !== undefined) return short;
  }
  try {
    return strict.decode(bytes);
  } catch {
    throw new RangeError("text is not valid UTF-8");
  }
}

/** Short ASCII text, the usual case, without a call into the runtime. */
function ascii(bytes: Uint8Array): string | undefined {
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes[i] ?? 0;
    if (code > 0x7f) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}
