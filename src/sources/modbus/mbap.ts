/**
 * Frames of Modbus TCP (Modbus Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3), all numbers big-endian:
 *
 * ```text
 * transaction id 2 | protocol id 2 (0) | length 2 | unit id 1 | function 1 | data
 *                                                 |<------- length bytes ------->|
 * ```
 * Requests are the four reads and nothing else: there is no code here that could write to a device.
 */
import { dataBytesOf, EXCEPTION_FLAG, FUNCTION, type ReadRange } from "./pdu.ts";

/** A whole frame that arrived. */
export interface Frame {
  readonly transactionId: number;
  readonly unitId: number;
  readonly functionCode: number;
  /** What follows the function code; a copy of its own. */
  readonly data: DataView;
}

/** What an answer says about its request. */
export type ReadAnswer =
  | { readonly kind: "data"; readonly data: DataView }
  | { readonly kind: "exception"; readonly code: number }
  /** It is no answer to this request: what else the peer sends cannot be trusted either. */
  | { readonly kind: "mismatch"; readonly reason: string };

/** Bytes before those that the length counts. */
const PREFIX = 6;
/** Unit id and a PDU: function code and at most 252 bytes. */
const MAX_LENGTH = 254;
const MIN_LENGTH = 3;

/** The request for `range`, as bytes to send. */
export function encodeRead(range: ReadRange, transactionId: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, transactionId);
  view.setUint16(4, PREFIX);
  view.setUint8(6, range.slaveId);
  view.setUint8(7, FUNCTION[range.registerType]);
  view.setUint16(8, range.start);
  view.setUint16(10, range.count);
  return bytes;
}

/** Holds `frame` against the request that it answers. */
export function readAnswer(frame: Frame, range: ReadRange): ReadAnswer {
  const asked = FUNCTION[range.registerType];
  if (frame.unitId !== range.slaveId) {
    const units = `it comes from unit ${frame.unitId}, asked was unit ${range.slaveId}`;
    return { kind: "mismatch", reason: `${units}: set slave_id: ${frame.unitId}` };
  }
  if (frame.functionCode === (asked | EXCEPTION_FLAG)) return { kind: "exception", code: frame.data.getUint8(0) };
  if (frame.functionCode !== asked) {
    return { kind: "mismatch", reason: `it answers function ${frame.functionCode}, asked was ${asked}` };
  }
  const bytes = dataBytesOf(range);
  if (frame.data.getUint8(0) !== bytes || frame.data.byteLength !== bytes + 1) {
    return { kind: "mismatch", reason: `it holds ${frame.data.byteLength - 1} bytes, asked were ${bytes}` };
  }
  return { kind: "data", data: new DataView(frame.data.buffer, frame.data.byteOffset + 1, bytes) };
}

/** Cuts a stream of bytes into frames. Holds one frame's rest at most. */
export class FrameReader {
  readonly #bytes = new Uint8Array(4096);
  readonly #view = new DataView(this.#bytes.buffer);
  #begin = 0;
  #end = 0;

  /** Where to put the next bytes; then say how many with `filled`. Never empty. */
  space(): Uint8Array<ArrayBuffer> {
    this.#bytes.copyWithin(0, this.#begin, this.#end);
    this.#end -= this.#begin;
    this.#begin = 0;
    return this.#bytes.subarray(this.#end);
  }

  filled(count: number): void {
    this.#end += count;
  }

  /** The next whole frame. @returns undefined until more bytes came @throws {TypeError} when this is no Modbus TCP */
  next(): Frame | undefined {
    if (this.#end - this.#begin < PREFIX) return undefined;
    const protocol = this.#view.getUint16(this.#begin + 2);
    const length = this.#view.getUint16(this.#begin + 4);
    if (protocol !== 0) throw new TypeError(`protocol id ${protocol} is not Modbus`);
    if (length < MIN_LENGTH || length > MAX_LENGTH) throw new TypeError(`a frame of length ${length} is not Modbus`);
    if (this.#end - this.#begin < PREFIX + length) return undefined;
    return this.#take(length);
  }

  #take(length: number): Frame {
    const begin = this.#begin;
    this.#begin += PREFIX + length;
    const data = this.#bytes.slice(begin + PREFIX + 2, this.#begin);
    return {
      transactionId: this.#view.getUint16(begin),
      unitId: this.#view.getUint8(begin + PREFIX),
      functionCode: this.#view.getUint8(begin + PREFIX + 1),
      data: new DataView(data.buffer),
    };
  }
}
