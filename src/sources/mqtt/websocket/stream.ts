import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { FRAME, frameOf } from "./frame.ts";
import { FrameDecoder, WebSocketFault } from "./frame_decoder.ts";

/** Codes of a close that says nothing of a fault (RFC 6455, 7.4.1). */
const NORMAL = 1000;
const NO_CODE = 1005;

/**
 * The bytes inside of a WebSocket that is open (RFC 6455), as a stream: whoever does not read it makes the server wait,
 * and what is written leaves in frames. MQTT packets and frames need not begin together (MQTT 5, 6.0).
 */
export class WebSocketStream extends Duplex {
  readonly #socket: Duplex;
  readonly #decoder: FrameDecoder;
  /** What the frames of one chunk of the socket hold. */
  #pieces: Uint8Array[] = [];
  #fault: Error | undefined;
  /** An answer to a ping is on its way; `next`: what the newest ping since then holds. */
  #pong: { next: Uint8Array | undefined } | undefined;

  /** `early`: what came right behind the answer to the handshake. */
  constructor(socket: Duplex, early: Uint8Array) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#decoder = new FrameDecoder({
      onData: (bytes) => void this.#pieces.push(bytes),
      onPing: (payload) => this.#answer(payload),
      onClose: (code) => this.#close(code),
    });
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.push(null)); // what is here is read first
    if (early.length > 0) this.#take(early);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#send(FRAME.binary, chunk, done);
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#send(FRAME.binary, Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    if (!this.#socket.writable) return done();
    this.#send(FRAME.close, Uint8Array.of(NORMAL >> 8, NORMAL & 255));
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #take(chunk: Uint8Array): void {
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof WebSocketFault)) throw error;
      this.destroy(error);
      return;
    }
    const pieces = this.#pieces.splice(0);
    // Brokers put each packet into a frame of its own: joined they are worked on as one.
    if (pieces.length > 0 && !this.push(Buffer.concat(pieces))) this.#socket.pause();
    if (this.#fault) this.destroy(this.#fault);
  }

  /** A server that does not read is owed the newest answer alone (RFC 6455, 5.5.3): others would pile up here. */
  #answer(payload: Uint8Array): void {
    if (this.#pong) {
      this.#pong.next = payload;
      return;
    }
    const pong: { next: Uint8Array | undefined } = { next: undefined };
    this.#pong = pong;
    this.#send(FRAME.pong, payload, () => {
      this.#pong = undefined;
      if (pong.next) this.#answer(pong.next);
    });
  }

  #send(first: number, payload: Uint8Array, done?: (error?: Error | null) => void): void {
    if (this.#socket.writable) {
      this.#socket.write(frameOf(first, payload, crypto.getRandomValues(new Uint8Array(4))), done);
    } else done?.(new Error("the connection is closed"));
  }

  #close(code: number): void {
    if (code !== NORMAL && code !== NO_CODE) {
      this.#fault = new Error(`the broker closed the WebSocket with code ${code}`);
    }
    this.#socket.end();
  }
}
