/**
 * Steps through the fields of a protobuf message without decoding them (protobuf.dev, "Encoding").
 *
 * ```ts
 * const field = new WireCursor(bytes);
 * while (field.next()) console.log(field.number, field.start, field.end);
 * ```
 */
export class WireCursor {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Number of the current field. */
  number = 0;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  wireType = 0;
  /** Where the current field's key begins. */
  start = 0;
  /** Where its value begins: after the key, and after the length where it has one. */
  valueStart = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Where the current field ends. */
  get end(): number {
    return this.#at;
  }

  /** Goes to the next field; false at the end. @throws {RangeError} when the bytes are not a protobuf message */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    this.start = this.#at;
    const key = this.#varint();
    this.number = Math.floor(key / 8);
    this.wireType = key % 8;
    if (this.number === 0) throw new RangeError(`field number 0 at byte ${this.start}`);
    const length = this.wireType === 2 ? this.#varint() : 0;
    this.valueStart = this.#at;
    this.#skip(length);
    if (this.#at > this.#bytes.length) throw new RangeError(`field ${this.number} ends behind the message`);
    return true;
  }

  /** The current value's bytes, not copied. */
  value(): Uint8Array {
    return this.#bytes.subarray(this.valueStart, this.#at);
  }

  /** The current value as UTF-8 text. */
  text(): string {
    return new TextDecoder().decode(this.value());
  }

  /** The current varint as a signed 64-bit number. */
  int64(): bigint {
    let value = 0n;
    for (let at = this.#at - 1; at >= this.valueStart; at--) {
      value = (value << 7n) | BigInt((this.#bytes[at] ?? 0) & 0x7f);
    }
    return BigInt.asIntN(64, value);
  }

  /** The low half of the current varint as a signed number: an int32 stands there with its sign extended to 64 bits. */
  int32(): number {
    let value = 0;
    for (let at = Math.min(this.#at, this.valueStart + 5) - 1; at >= this.valueStart; at--) {
      value = (value << 7) | ((this.#bytes[at] ?? 0) & 0x7f);
    }
    return value;
  }

  /** The current eight bytes as a number. */
  double(): number {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.valueStart, 8).getFloat64(0, true);
  }

  #skip(length: number): void {
    switch (this.wireType) {
      case 0:
        return this.#skipVarint();
      case 1:
        this.#at += 8;
        return;
      case 2:
        this.#at += length;
        return;
      case 5:
        this.#at += 4;
        return;
      default:
        throw new RangeError(`field ${this.number} has wire type ${this.wireType}`);
    }
  }

  #skipVarint(): void {
    while ((this.#bytes[this.#at++] ?? 0) > 0x7f) { /* its last byte is the first without the high bit */ }
  }

  /** A key or a length: at most 32 bits. */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let size = 0; size < 5; size++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError("the message is cut short");
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new RangeError(`no 32-bit number at byte ${this.#at - 5}`);
  }
}
