/**
 * Cuts a byte stream into MQTT control packets (MQTT 5, 2.1): one byte of type and flags, the remaining length as one to
 * four bytes of seven bits each, then as many bytes. A packet within one chunk is handed on where it lies; one that
 * spans chunks is gathered first. Of a packet longer than `maxBytes` only the first `keptBytes` are gathered, and the
 * rest is skipped as it arrives, so that no packet takes more memory than that.
 */
export interface FrameLimits {
  readonly maxBytes: number;
  readonly keptBytes: number;
}

/**
 * One packet: `bytes[start]` is its first byte, `bytes[body]` the first after the length, `end` behind its last.
 * `skipped` counts bytes of it that were not kept.
 */
export type TakeFrame = (bytes: Uint8Array, at: FramePlace) => void;

export interface FramePlace {
  start: number;
  body: number;
  end: number;
  skipped: number;
}

/** Thrown for bytes that are no MQTT. */
export class MalformedPacket extends Error {}

interface Gathering {
  readonly bytes: Uint8Array;
  readonly body: number;
  /** Bytes of the packet that are still to come. */
  missing: number;
  filled: number;
  skipped: number;
}

const MAX_HEADER_BYTES = 5;

export class FrameReader {
  readonly #limits: FrameLimits;
  readonly #take: TakeFrame;
  /** Written anew for each packet instead of allocated: there are tens of thousands a second. */
  readonly #place: FramePlace = { start: 0, body: 0, end: 0, skipped: 0 };
  /** A header that the last chunk broke off in. */
  #head: Uint8Array | undefined;
  #gathering: Gathering | undefined;

  constructor(limits: FrameLimits, take: TakeFrame) {
    this.#limits = limits;
    this.#take = take;
  }

  /** Takes the next bytes of the stream. They may be handed on and must not change. @throws {MalformedPacket} */
  push(chunk: Uint8Array): void {
    const bytes = this.#head ? joined(this.#head, chunk) : chunk;
    this.#head = undefined;
    let at = 0;
    while (at < bytes.length) at = this.#gathering ? this.#gather(bytes, at) : this.#next(bytes, at);
  }

  /** Reads the packet that begins at `start`; returns where to go on. */
  #next(bytes: Uint8Array, start: number): number {
    let remaining = 0;
    let body = start + 1;
    for (let scale = 1;; scale *= 128) {
      if (body - start === MAX_HEADER_BYTES) {
        throw new MalformedPacket("the length of a packet takes more than 4 bytes");
      }
      const byte = bytes[body++];
      if (byte === undefined) {
        this.#head = bytes.slice(start);
        return bytes.length;
      }
      remaining += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    const end = body + remaining;
    if (end - start > this.#limits.maxBytes) return this.#begin(bytes, start, body, end, this.#limits.keptBytes);
    if (end > bytes.length) return this.#begin(bytes, start, body, end, end - start);
    this.#hand(bytes, start, body, end, 0);
    return end;
  }

  #begin(bytes: Uint8Array, start: number, body: number, end: number, kept: number): number {
    const size = Math.min(kept, end - start);
    this.#gathering = {
      bytes: new Uint8Array(size),
      body: body - start,
      missing: end - start,
      filled: 0,
      skipped: end - start - size,
    };
    return this.#gather(bytes, start);
  }

  #gather(bytes: Uint8Array, at: number): number {
    const packet = this.#gathering!;
    const end = Math.min(bytes.length, at + packet.missing);
    const kept = Math.min(end - at, packet.bytes.length - packet.filled);
    packet.bytes.set(bytes.subarray(at, at + kept), packet.filled);
    packet.filled += kept;
    packet.missing -= end - at;
    if (packet.missing === 0) {
      this.#gathering = undefined;
      this.#hand(packet.bytes, 0, packet.body, packet.bytes.length, packet.skipped);
    }
    return end;
  }

  #hand(bytes: Uint8Array, start: number, body: number, end: number, skipped: number): void {
    const place = this.#place;
    place.start = start;
    place.body = body;
    place.end = end;
    place.skipped = skipped;
    this.#take(bytes, place);
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
