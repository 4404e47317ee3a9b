/** Bytes that are no protobuf message. The message goes on after "it has": "a field 3 that ends behind its message". */
export class MalformedPayload extends Error {}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Steps through the fields of a protobuf message (protobuf.dev, "Encoding") without copying. A varint is kept as two
 * halves, so that 64 bits are exact and the usual small number costs no `bigint`.
 *
 * ```ts
 * const field = new WireFields(bytes);
 * while (field.next()) if (field.number === 3) seq = field.uint();
 * ```
 */
export class WireFields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Number of the current field. */
  number = 0;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  wireType = 0;
  /** Where the current field's key begins. */
  start = 0;
  /** Where its value begins: after the key, and after the length where it has one. */
  valueStart = 0;
  /** The lower and the upper 32 bits of the varint read last. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Where the current field ends. */
  get end(): number {
    return this.#at;
  }

  /** Goes to the next field; false at the end. @throws {MalformedPayload} */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    this.start = this.#at;
    this.#varint();
    if (this.high !== 0 || this.low < 8) throw new MalformedPayload(`no field at byte ${this.start}`);
    this.number = this.low >>> 3;
    this.wireType = this.low & 7;
    this.#step();
    if (this.#at > this.#bytes.length) {
      throw new MalformedPayload(`a field ${this.number} that ends behind its message`);
    }
    return true;
  }

  /** The current value's bytes, not copied. @throws {MalformedPayload} where it is not length-delimited */
  value(): Uint8Array {
    this.#expect(2);
    return this.#bytes.subarray(this.valueStart, this.#at);
  }

  /** The current value as text. @throws {MalformedPayload} where it is no UTF-8 */
  text(): string {
    try {
      return utf8.decode(this.value());
    } catch (error) {
      if (error instanceof MalformedPayload) throw error;
      throw new MalformedPayload(`a field ${this.number} that is no UTF-8 text`);
    }
  }

  /** The current varint as an unsigned number: a `bigint` beyond 2^53. */
  uint(): number | bigint {
    this.#expect(0);
    if (this.high < 0x200000) return this.high * 2 ** 32 + this.low;
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }

  bool(): boolean {
    this.#expect(0);
    return (this.low | this.high) !== 0;
  }

  float(): number {
    this.#expect(5);
    return this.#view.getFloat32(this.valueStart, true);
  }

  double(): number {
    this.#expect(1);
    return this.#view.getFloat64(this.valueStart, true);
  }

  #expect(wireType: number): void {
    if (this.wireType !== wireType) throw new MalformedPayload(`a field ${this.number} of wire type ${this.wireType}`);
  }

  #step(): void {
    this.valueStart = this.#at;
    switch (this.wireType) {
      case 0:
        return this.#varint();
      case 1:
        this.#at += 8;
        return;
      case 2:
        this.#varint();
        if (this.high !== 0) throw new MalformedPayload(`a field ${this.number} that ends behind its message`);
        this.valueStart = this.#at;
        this.#at += this.low;
        return;
      case 5:
        this.#at += 4;
        return;
      default:
        throw new MalformedPayload(`a field ${this.number} of wire type ${this.wireType}`);
    }
  }

  #varint(): void {
    const bytes = this.#bytes;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[this.#at++];
      if (byte === undefined) throw new MalformedPayload("no end");
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift; // at 28 the upper three bits fall off, and are taken below
      if (shift === 28) high |= bits >>> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new MalformedPayload(`a number of more than 64 bits at byte ${this.#at}`);
  }
}
