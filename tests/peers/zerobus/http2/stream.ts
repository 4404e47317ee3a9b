import { Flag, FrameType, numbers } from "./frame_reader.ts";

/** What a stream needs of its connection. */
export interface StreamOwner {
  send(type: number, flags: number, streamId: number, payload: Uint8Array): void;
  sendHeaders(streamId: number, headers: Readonly<Record<string, string>>, isLast: boolean): void;
  /** So many of `bytes` may be sent now. */
  takeWindow(bytes: number): number;
  forget(streamId: number): void;
  goAway(code?: number): void;
}

export interface StreamEvents {
  /** A part of the body, a view that is good only now. */
  data(part: Uint8Array): void;
  /** The client will send nothing more. */
  end(): void;
  /** The stream is over, whoever ended it. Called once. */
  close(): void;
}

const MAX_FRAME_BYTES = 16_384;

/** One request and its response. */
export class ServerStream {
  readonly id: number;
  readonly #owner: StreamOwner;
  readonly #windowBytes: number;
  #sendWindow: number;
  #consumed = 0;
  #waiting: Uint8Array[] = [];
  /** Sent after everything that waits; undefined while there is more to come. */
  #ending: { trailers: Readonly<Record<string, string>> | undefined; isReset: boolean } | undefined;
  #events: StreamEvents | undefined;
  #isClosed = false;

  constructor(id: number, owner: StreamOwner, windows: { receive: number; send: number }) {
    this.id = id;
    this.#owner = owner;
    this.#windowBytes = windows.receive;
    this.#sendWindow = windows.send;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Must be called before the handler of the request returns. */
  listen(events: StreamEvents): void {
    this.#events = events;
  }

  respond(headers: Readonly<Record<string, string>>, isLast = false): void {
    if (this.#isClosed) return;
    this.#owner.sendHeaders(this.id, headers, isLast);
    if (isLast) this.#forget();
  }

  write(bytes: Uint8Array): void {
    if (this.#isClosed || this.#ending) return;
    this.#waiting.push(bytes);
    this.#flush();
  }

  /**
   * Ends the response: with trailers, or without any by an empty DATA frame. With `isReset`, RST_STREAM with NO_ERROR
   * tells the client to stop its request (RFC 9113, 8.1).
   */
  end(trailers?: Readonly<Record<string, string>>, isReset = false): void {
    if (this.#isClosed || this.#ending) return;
    this.#ending = { trailers, isReset };
    this.#flush();
  }

  /** RST_STREAM (RFC 9113, 7): 2 is INTERNAL_ERROR. */
  reset(code: number): void {
    if (this.#isClosed) return;
    this.#owner.send(FrameType.RST_STREAM, 0, this.id, numbers(code));
    this.#forget();
  }

  /** GOAWAY with NO_ERROR on its connection. */
  goAway(): void {
    this.#owner.goAway();
  }

  received(part: Uint8Array, isLast: boolean): void {
    if (this.#isClosed) return;
    this.#consumed += part.length;
    if (this.#consumed >= this.#windowBytes / 2 && !isLast) {
      this.#owner.send(FrameType.WINDOW_UPDATE, 0, this.id, numbers(this.#consumed));
      this.#consumed = 0;
    }
    if (part.length > 0) this.#events?.data(part);
    if (isLast) this.#events?.end();
  }

  /** The client lets us send so many bytes more. */
  widen(bytes: number): void {
    this.#sendWindow += bytes;
    if (this.#waiting.length > 0) this.#flush();
  }

  /** The client reset it, or the connection is gone. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting = [];
    this.#events?.close();
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      const first = this.#waiting[0] ?? new Uint8Array();
      const size = this.#owner.takeWindow(Math.max(0, Math.min(first.length, this.#sendWindow, MAX_FRAME_BYTES)));
      if (size === 0 && first.length > 0) return;
      this.#sendWindow -= size;
      this.#owner.send(FrameType.DATA, 0, this.id, first.subarray(0, size));
      if (size === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(size);
    }
    if (!this.#ending) return;
    const { trailers, isReset } = this.#ending;
    if (trailers) this.#owner.sendHeaders(this.id, trailers, true);
    else this.#owner.send(FrameType.DATA, Flag.END_STREAM, this.id, new Uint8Array());
    if (isReset) this.#owner.send(FrameType.RST_STREAM, 0, this.id, numbers(0));
    this.#forget();
  }

  #forget(): void {
    this.#owner.forget(this.id);
    this.closed();
  }
}
