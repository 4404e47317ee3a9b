const VARINT = 0;
const EIGHT_BYTES = 1;
const DELIMITED = 2;
const FOUR_BYTES = 5;

/** So many bytes hold any 64 bits, seven in each. */
const MAX_VARINT_BYTES = 10;
const MAX_KEY = 0xffff_ffff;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Steps through the fields of a protobuf message (protobuf.dev, "Encoding") without copying; a value is decoded when it is
 * asked for. What is wrong with a message is said in words that go on after "it has": "a field 3 that ends behind its
 * message".
 *
 * ```ts
 * const field = new ProtoReader(bytes);
 * while (field.next()) if (field.number === 3) seq = field.uint();
 * ```
 */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  readonly #Fault: new (message: string) => Error;
  #at = 0;
  /** Number of the current field. */
  number = 0;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  wireType = 0;
  /** Where the current field's key begins. */
  start = 0;
  /** Where its value begins: after the key, and after the length where it has one. */
  valueStart = 0;

  /** `Fault`: what is thrown where the bytes are no message, or a value is not of the kind that is asked for. */
  constructor(bytes: Uint8Array, Fault: new (message: string) => Error = RangeError) {
    this.#bytes = bytes;
    this.#Fault = Fault;
  }

  /** Where the current field ends. */
  get end(): number {
    return this.#at;
  }

  /** Goes to the next field; false at the end. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    this.start = this.#at;
    const key = this.#varint();
    if (key < 8 || key > MAX_KEY) throw new this.#Fault(`no field at byte ${this.start}`);
    this.number = Math.floor(key / 8);
    this.wireType = key % 8;
    const length = this.wireType === DELIMITED ? this.#varint() : 0;
    this.valueStart = this.#at;
    this.#skip(length);
    if (this.#at > this.#bytes.length) throw new this.#Fault(`a field ${this.number} that ends behind its message`);
    return true;
  }

  /** The current value's bytes, not copied. */
  value(): Uint8Array {
    this.#expect(DELIMITED);
    return this.#bytes.subarray(this.valueStart, this.#at);
  }

  /** The current value as text, which has to be UTF-8. */
  text(): string {
    const bytes = this.value();
    try {
      return utf8.decode(bytes);
    } catch {
      throw new this.#Fault(`a field ${this.number} that is no UTF-8 text`);
    }
  }

  /** The current varint as an unsigned number: a `bigint` beyond 2^53. */
  uint(): number | bigint {
    this.#expect(VARINT);
    const low = this.#groups(0);
    const middle = this.#groups(4);
    const high = this.#groups(8) & 0xff; // 56 bits lie below
    if (high === 0 && middle < 2 ** 25) return middle * 2 ** 28 + low;
    return (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low);
  }

  /** The current varint as a signed 64-bit number. */
  int64(): bigint {
    return BigInt.asIntN(64, BigInt(this.uint()));
  }

  /** The low half of the current varint as a signed number: an int32 stands there with its sign extended to 64 bits. */
  int32(): number {
    this.#expect(VARINT);
    return (this.#groups(4) << 28) | this.#groups(0);
  }

  bool(): boolean {
    return this.uint() !== 0;
  }

  float(): number {
    this.#expect(FOUR_BYTES);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.valueStart, 4).getFloat32(0, true);
  }

  double(): number {
    this.#expect(EIGHT_BYTES);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.valueStart, 8).getFloat64(0, true);
  }

  /** Four groups of seven bits of the current varint, from the byte `first` on, the lowest first. */
  #groups(first: number): number {
    const start = this.valueStart + first;
    let value = 0;
    for (let at = Math.min(start + 4, this.#at) - 1; at >= start; at--) {
      value = (value << 7) | (this.#bytes[at]! & 0x7f); // within the field
    }
    return value;
  }

  #expect(wireType: number): void {
    if (this.wireType !== wireType) throw new this.#Fault(`a field ${this.number} of wire type ${this.wireType}`);
  }

  #skip(length: number): void {
    switch (this.wireType) {
      case VARINT:
        return this.#skipVarint();
      case EIGHT_BYTES:
        this.#at += 8;
        return;
      case DELIMITED:
        this.#at += length;
        return;
      case FOUR_BYTES:
        this.#at += 4;
        return;
      default:
        throw new this.#Fault(`a field ${this.number} of wire type ${this.wireType}`);
    }
  }

  #skipVarint(): void {
    while ((this.#bytes[this.#at++] ?? 0) > 0x7f) { /* its last byte is the first without the high bit */ }
    if (this.#at - this.valueStart > MAX_VARINT_BYTES) throw this.#tooLong(this.valueStart);
  }

  /** A key or a length: exact as far as any message reaches. */
  #varint(): number {
    const start = this.#at;
    let value = 0;
    let factor = 1;
    for (let size = 0; size < MAX_VARINT_BYTES; size++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new this.#Fault("no end");
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw this.#tooLong(start);
  }

  #tooLong(start: number): Error {
    return new this.#Fault(`a number of more than 64 bits at byte ${start}`);
  }
}
