/**
 * Reads what a WebSocket server sends (RFC 6455, 5.2): two bytes of flags, type and short length, two or eight more where
 * the length is longer, and then the payload. Payloads of binary frames are handed on as they come, without waiting for
 * the end of their frame, so that a frame of any length takes no memory.
 */
export interface FrameHandlers {
  /** The next bytes of the stream; views onto what was pushed. */
  onData(bytes: Uint8Array): void;
  onPing(payload: Uint8Array): void;
  /** `code`: RFC 6455, 7.4; 1005 where the server gave none. */
  onClose(code: number): void;
}

/** Thrown for bytes that a server must not send. */
export class WebSocketFault extends Error {}

const CONTINUATION = 0;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

const IS_MASKED = 0x80;
const NO_STATUS = 1005;
/** Frames of control are no longer (RFC 6455, 5.5). */
const MAX_CONTROL_BYTES = 125;

export class FrameDecoder {
  readonly #handlers: FrameHandlers;
  /** The header of the next frame, as far as it is here. */
  readonly #header = new Uint8Array(10);
  #headerFilled = 0;
  /** Of the frame that is being read; undefined between frames. */
  #type: number | undefined;
  #missing = 0;
  #control = new Uint8Array(0);

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers;
  }

  /** Takes the next bytes from the server. @throws {WebSocketFault} */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#type === undefined) this.#readHeader(chunk[at++]!); // within the chunk
      else at = this.#readPayload(chunk, at);
    }
  }

  #readHeader(byte: number): void {
    this.#header[this.#headerFilled++] = byte;
    if (this.#headerFilled < 2) return;
    const [first = 0, second = 0] = this.#header;
    if (this.#headerFilled < headerLength(second)) return;
    this.#headerFilled = 0;
    this.#begin(first, lengthIn(this.#header));
  }

  #begin(first: number, length: number): void {
    const type = first & 0x0f;
    checkType(first, length);
    this.#type = type;
    this.#missing = length;
    this.#control = new Uint8Array(type >= CLOSE ? length : 0);
    if (length === 0) this.#end(type);
  }

  #readPayload(chunk: Uint8Array, at: number): number {
    const type = this.#type!; // a frame is being read
    const end = Math.min(chunk.length, at + this.#missing);
    const bytes = chunk.subarray(at, end);
    if (type < CLOSE) this.#handlers.onData(bytes);
    else this.#control.set(bytes, this.#control.length - this.#missing);
    this.#missing -= bytes.length;
    if (this.#missing === 0) this.#end(type);
    return end;
  }

  #end(type: number): void {
    this.#type = undefined;
    if (type === PING) this.#handlers.onPing(this.#control);
    if (type === CLOSE) this.#handlers.onClose(closeCode(this.#control));
  }
}

function headerLength(second: number): number {
  if ((second & IS_MASKED) !== 0) throw new WebSocketFault("a frame from the server is masked");
  return second === 127 ? 10 : second === 126 ? 4 : 2;
}

function lengthIn(header: Uint8Array): number {
  const view = new DataView(header.buffer);
  const short = view.getUint8(1);
  if (short < 126) return short;
  if (short === 126) return view.getUint16(2);
  const length = view.getBigUint64(2);
  if (length > Number.MAX_SAFE_INTEGER) throw new WebSocketFault("a frame is longer than 2^53 bytes");
  return Number(length);
}

function checkType(first: number, length: number): void {
  const type = first & 0x0f;
  const isFinal = (first & 0x80) !== 0;
  if ((first & 0x70) !== 0) throw new WebSocketFault("a frame uses an extension that nobody asked for");
  if (type === 1) throw new WebSocketFault("a frame is text, and MQTT is binary"); // MQTT 5, 6.0
  if (![CONTINUATION, BINARY, CLOSE, PING, PONG].includes(type)) throw new WebSocketFault(`a frame is of type ${type}`);
  if (type >= CLOSE && (!isFinal || length > MAX_CONTROL_BYTES)) {
    throw new WebSocketFault("a frame of control is in pieces or too long");
  }
}

function closeCode(payload: Uint8Array): number {
  return payload.length < 2 ? NO_STATUS : new DataView(payload.buffer).getUint16(0);
}
