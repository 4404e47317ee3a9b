import type { Framing, LineFrame } from "./framing.ts";

/** More than two of the longest frames: what is older belongs to none that is still coming. */
const MAX_BYTES = 2048;

/** What came while one request waited, or before the next: frames, and bytes that belong to none. */
export class Heard {
  readonly #framing: Framing;
  #pending: Uint8Array<ArrayBuffer> = new Uint8Array();
  /** Where in it the last frame that was taken ends. */
  #from = 0;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  add(bytes: Uint8Array): void {
    this.#pending = joined(this.#pending.subarray(this.#from), bytes);
    this.#from = 0;
    if (this.#pending.length > MAX_BYTES) this.#leave(this.#pending.length - MAX_BYTES / 2);
  }

  /** Takes out the next whole frame, with its own bytes. */
  takeFrame(): (LineFrame & { readonly bytes: Uint8Array }) | undefined {
    const frame = this.#framing.next(this.#pending, this.#from);
    if (!frame) return undefined;
    this.#keep(this.#pending.subarray(this.#from, frame.begin));
    this.#from = frame.end;
    return { ...frame, bytes: this.#pending.subarray(frame.begin, frame.end) };
  }

  /** Bytes that belong to no whole frame, without `echo`. */
  restWithout(echo: Uint8Array): { readonly rest: Uint8Array; readonly hasEcho: boolean } {
    const all = joined(this.#rest, this.#pending.subarray(this.#from));
    const at = indexOf(all, echo);
    if (at < 0) return { rest: all, hasEcho: false };
    return { rest: joined(all.subarray(0, at), all.subarray(at + echo.length)), hasEcho: true };
  }

  #leave(count: number): void {
    this.#keep(this.#pending.subarray(0, count));
    this.#pending = this.#pending.slice(count);
  }

  /** The newest of what belongs to no frame. */
  #keep(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#rest = joined(this.#rest, bytes).slice(-MAX_BYTES);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; part.length > 0 && at + part.length <= bytes.length; at++) {
    if (part.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
