/**
 * HTTP/2 (RFC 9113) for a server, as much of it as gRPC takes: no push, no priorities. Written out here because a fake
 * service must be able to break the protocol's course at any point, and because it must be as fast as what is measured
 * with it. Bytes come and go through `Transport`; nothing here knows of sockets.
 */
import { encodeFrame, Flag, type FrameHead, FrameReader, FrameType, numbers } from "./frame_reader.ts";
import { encodeHeaders, type Header, HpackDecoder } from "./hpack.ts";
import { ServerStream, type StreamOwner } from "./stream.ts";

/** Where a connection's bytes go. */
export interface Transport {
  write(bytes: Uint8Array): void;
}

export interface ConnectionOptions {
  /** Bytes that the client may send ahead, on a stream and on the connection. */
  readonly windowBytes: number;
  /** A request has come; its body follows as events of the stream. */
  readonly request: (stream: ServerStream, headers: ReadonlyMap<string, string>) => void;
}

const SETTINGS_INITIAL_WINDOW_SIZE = 4;
/** What either side may send as long as nobody says otherwise (RFC 9113, 6.9.2). */
const DEFAULT_WINDOW_BYTES = 65_535;
/** RFC 9113, 7 */
const PROTOCOL_ERROR = 1;

/** One client's connection. */
export class ServerConnection implements StreamOwner {
  readonly #transport: Transport;
  readonly #options: ConnectionOptions;
  readonly #reader: FrameReader;
  readonly #hpack = new HpackDecoder();
  readonly #streams = new Map<number, ServerStream>();
  #block: { head: FrameHead; parts: Uint8Array<ArrayBuffer>[] } | undefined;
  #lastStreamId = 0;
  /** What was received since the client's window was last opened. */
  #consumed = 0;
  /** What we may send, on the connection and on a new stream. */
  #sendWindow = DEFAULT_WINDOW_BYTES;
  #streamWindow = DEFAULT_WINDOW_BYTES;

  constructor(transport: Transport, options: ConnectionOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#reader = new FrameReader({
      data: (head, part, isLast) => this.#data(head, part, isLast),
      frame: (head, payload) => this.#frame(head, payload),
    });
    const setting = new Uint8Array(6);
    new DataView(setting.buffer).setUint16(0, SETTINGS_INITIAL_WINDOW_SIZE);
    new DataView(setting.buffer).setUint32(2, options.windowBytes);
    this.send(FrameType.SETTINGS, 0, 0, setting);
    this.send(FrameType.WINDOW_UPDATE, 0, 0, numbers(options.windowBytes - DEFAULT_WINDOW_BYTES));
  }

  /** Takes what the client sent. False when it is not HTTP/2: the connection should be closed. */
  receive(bytes: Uint8Array): boolean {
    try {
      this.#reader.push(bytes);
      return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.goAway(PROTOCOL_ERROR);
      return false;
    }
  }

  /** The connection is gone. */
  dispose(): void {
    for (const stream of this.#streams.values()) stream.closed();
    this.#streams.clear();
  }

  /** GOAWAY; NO_ERROR (0) asks the client to go on elsewhere. */
  goAway(code = 0): void {
    this.send(FrameType.GOAWAY, 0, 0, numbers(this.#lastStreamId, code));
  }

  send(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    this.#transport.write(encodeFrame(type, flags, streamId, payload));
  }

  sendHeaders(streamId: number, headers: Readonly<Record<string, string>>, isLast: boolean): void {
    const flags = Flag.END_HEADERS | (isLast ? Flag.END_STREAM : 0);
    this.send(FrameType.HEADERS, flags, streamId, encodeHeaders(headers));
  }

  takeWindow(bytes: number): number {
    const granted = Math.max(0, Math.min(bytes, this.#sendWindow));
    this.#sendWindow -= granted;
    return granted;
  }

  forget(streamId: number): void {
    this.#streams.delete(streamId);
  }

  #data(head: FrameHead, part: Uint8Array, isLast: boolean): void {
    this.#consumed += part.length;
    if (this.#consumed >= this.#options.windowBytes / 2) {
      this.send(FrameType.WINDOW_UPDATE, 0, 0, numbers(this.#consumed));
      this.#consumed = 0;
    }
    // Frames of a stream that we ended may still be on their way.
    this.#streams.get(head.streamId)?.received(part, isLast && (head.flags & Flag.END_STREAM) !== 0);
  }

  #frame(head: FrameHead, payload: Uint8Array<ArrayBuffer>): void {
    if (this.#block && head.type !== FrameType.CONTINUATION) throw new RangeError("a header block is not continued");
    switch (head.type) {
      case FrameType.DATA:
        return this.#paddedData(head, payload);
      case FrameType.HEADERS:
        this.#block = { head, parts: [withoutPadding(head, payload)] };
        return this.#endBlock(head);
      case FrameType.CONTINUATION:
        this.#block?.parts.push(payload);
        return this.#endBlock(head);
      case FrameType.RST_STREAM:
        this.#streams.get(head.streamId)?.closed();
        this.#streams.delete(head.streamId);
        return;
      case FrameType.SETTINGS:
        return this.#settings(head, payload);
      case FrameType.PING:
        if (!(head.flags & Flag.ACK)) this.send(FrameType.PING, Flag.ACK, 0, payload);
        return;
      case FrameType.WINDOW_UPDATE:
        return this.#windowUpdate(head.streamId, new DataView(payload.buffer).getUint32(0));
      default: // PRIORITY, GOAWAY, and what this version does not know
    }
  }

  /** The padding counts for flow control too (RFC 9113, 6.1). */
  #paddedData(head: FrameHead, payload: Uint8Array<ArrayBuffer>): void {
    const data = withoutPadding(head, payload);
    this.#consumed += payload.length - data.length;
    this.#data(head, data, true);
  }

  #endBlock({ flags }: FrameHead): void {
    if (!this.#block || !(flags & Flag.END_HEADERS)) return;
    const { head, parts } = this.#block;
    this.#block = undefined;
    const headers = this.#hpack.decode(new Uint8Array(parts.flatMap((part) => [...part])));
    const isLast = (head.flags & Flag.END_STREAM) !== 0;
    const known = this.#streams.get(head.streamId);
    if (known) known.received(new Uint8Array(), isLast); // trailers
    else if (head.streamId > this.#lastStreamId) this.#open(head.streamId, headers, isLast);
  }

  #open(id: number, headers: readonly Header[], isLast: boolean): void {
    this.#lastStreamId = id;
    const stream = new ServerStream(id, this, { receive: this.#options.windowBytes, send: this.#streamWindow });
    this.#streams.set(id, stream);
    this.#options.request(stream, new Map(headers));
    if (isLast) stream.received(new Uint8Array(), true);
  }

  #settings({ flags }: FrameHead, payload: Uint8Array): void {
    if (flags & Flag.ACK) return;
    const view = new DataView(payload.buffer);
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (view.getUint16(at) === SETTINGS_INITIAL_WINDOW_SIZE) this.#setStreamWindow(view.getUint32(at + 2));
    }
    this.send(FrameType.SETTINGS, Flag.ACK, 0, new Uint8Array());
  }

  /** A change counts for open streams too (RFC 9113, 6.9.2). */
  #setStreamWindow(bytes: number): void {
    const change = bytes - this.#streamWindow;
    this.#streamWindow = bytes;
    for (const stream of this.#streams.values()) stream.widen(change);
  }

  #windowUpdate(streamId: number, bytes: number): void {
    if (streamId !== 0) return this.#streams.get(streamId)?.widen(bytes);
    this.#sendWindow += bytes;
    for (const stream of this.#streams.values()) stream.widen(0);
  }
}

/** What is in a DATA or HEADERS frame beside padding and priority (RFC 9113, 6.1 and 6.2). */
function withoutPadding({ type, flags }: FrameHead, payload: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const isPadded = (flags & Flag.PADDED) !== 0;
  const start = (isPadded ? 1 : 0) + (type === FrameType.HEADERS && flags & Flag.PRIORITY ? 5 : 0);
  const end = payload.length - (isPadded ? payload[0] ?? 0 : 0);
  if (start > end) throw new RangeError("a frame is all padding and more");
  return payload.slice(start, end);
}
