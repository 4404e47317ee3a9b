/** RFC 9113, 6 */
export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

/** What a frame says of itself (RFC 9113, 4.1). */
export interface FrameHead {
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
}

export interface FrameEvents {
  /** A part of a DATA frame without padding, a view of what was pushed; `isLast` with its last one. */
  data(head: FrameHead, part: Uint8Array, isLast: boolean): void;
  /** Any other frame, whole. */
  frame(head: FrameHead, payload: Uint8Array<ArrayBuffer>): void;
}

const PREFACE = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const HEAD_BYTES = 9;
/** What we let the other side send (RFC 9113, 6.5.2, SETTINGS_MAX_FRAME_SIZE). */
const MAX_FRAME_BYTES = 16_384;

/** Cuts what a client sends into frames. What DATA frames carry is passed on as it comes, not put together. */
export class FrameReader {
  readonly #events: FrameEvents;
  #gathered = new Uint8Array(MAX_FRAME_BYTES);
  #fill = 0;
  #state: "preface" | "head" | "payload" | "data" = "preface";
  #head: FrameHead = { length: 0, type: 0, flags: 0, streamId: 0 };
  #left: number = PREFACE.length;

  constructor(events: FrameEvents) {
    this.#events = events;
  }

  /** @throws {RangeError} when this is not HTTP/2 */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const part = bytes.subarray(at, at + this.#left);
      at += part.length;
      this.#left -= part.length;
      if (this.#state === "data") this.#dataPart(part);
      else this.#gather(part);
    }
  }

  #dataPart(part: Uint8Array): void {
    const isLast = this.#left === 0;
    const head = this.#head;
    if (isLast) this.#expect("head", HEAD_BYTES);
    this.#events.data(head, part, isLast);
  }

  #gather(part: Uint8Array): void {
    this.#gathered.set(part, this.#fill);
    this.#fill += part.length;
    if (this.#left > 0) return;
    const whole = this.#gathered.subarray(0, this.#fill);
    this.#fill = 0;
    if (this.#state === "head") return this.#begin(whole);
    const isPreface = this.#state === "preface";
    this.#expect("head", HEAD_BYTES);
    if (!isPreface) this.#events.frame(this.#head, whole.slice());
    else if (whole.some((byte, i) => byte !== PREFACE[i])) throw new RangeError("the client does not speak HTTP/2");
  }

  #begin(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const length = view.getUint32(0) >>> 8;
    const head = { length, type: view.getUint8(3), flags: view.getUint8(4), streamId: view.getUint32(5) & 0x7fffffff };
    if (length > MAX_FRAME_BYTES) throw new RangeError(`a frame of ${length} bytes is longer than ${MAX_FRAME_BYTES}`);
    this.#head = head;
    const isPlainData = head.type === FrameType.DATA && !(head.flags & Flag.PADDED);
    if (length > 0) return this.#expect(isPlainData ? "data" : "payload", length);
    this.#expect("head", HEAD_BYTES);
    if (isPlainData) this.#events.data(head, new Uint8Array(), true);
    else this.#events.frame(head, new Uint8Array());
  }

  #expect(state: "head" | "payload" | "data", bytes: number): void {
    this.#state = state;
    this.#left = bytes;
  }
}

/** A frame as bytes. */
export function encodeFrame(type: number, flags: number, streamId: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length << 8);
  view.setUint8(3, type);
  view.setUint8(4, flags);
  view.setUint32(5, streamId);
  bytes.set(payload, HEAD_BYTES);
  return bytes;
}

/** 32-bit numbers one after the other, as frames carry them. */
export function numbers(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(i * 4, value));
  return bytes;
}
