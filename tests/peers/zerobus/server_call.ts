import { Buffer } from "node:buffer";
import type { Http2Session, ServerHttp2Stream } from "node:http2";
import type { TLSSocket } from "node:tls";
import { framed } from "./message_frames.ts";
import { type GrpcStatus, trailers } from "./status.ts";

const CONTENT_TYPE = "application/grpc+proto";

/** One gRPC call, from the server's side, with the ways in which a network or a server may end it. */
export class ServerCall {
  readonly #stream: ServerHttp2Stream;
  readonly #socket: TLSSocket | undefined;
  #status: GrpcStatus | undefined;
  #isOver = false;

  /** `socket`: the connection that it came on. */
  constructor(stream: ServerHttp2Stream, socket: TLSSocket | undefined) {
    this.#stream = stream;
    this.#socket = socket;
    stream.on("error", () => {/* the client is gone, or we ended it */});
    stream.on("close", () => this.#isOver = true);
  }

  /** Nothing more can be written. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends a call that was not begun. */
  refuse(status: GrpcStatus): void {
    this.#isOver = true;
    this.#stream.respond({ ":status": 200, "content-type": CONTENT_TYPE, ...trailers(status) }, { endStream: true });
  }

  /** Sends the response headers, and from now on the body's chunks to `receive`; `ended` is called at a half-close. */
  begin(receive: (chunk: Uint8Array) => void, ended: () => void): void {
    this.#stream.respond({ ":status": 200, "content-type": CONTENT_TYPE }, { waitForTrailers: true });
    this.#stream.on("wantTrailers", () => {
      // Without any trailers the stream would stay half open.
      this.#stream.sendTrailers(this.#status ? trailers(this.#status) : { "x-end": "without-status" });
    });
    // Plain bytes: what a Buffer calls slice() is no copy.
    this.#stream.on("data", ({ buffer, byteOffset, length }: Buffer) => {
      receive(new Uint8Array(buffer, byteOffset, length));
    });
    this.#stream.on("end", ended);
  }

  write(message: Uint8Array): void {
    if (this.#isOver) return;
    const bytes = framed(message);
    this.#stream.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  /** Ends the call; without a status, the trailers hold none. */
  end(status: GrpcStatus | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#status = status;
    this.#stream.end();
    this.#stream.resume();
  }

  /** RST_STREAM with INTERNAL_ERROR. */
  resetStream(): void {
    this.#isOver = true;
    this.#stream.close(2);
  }

  /** TCP RST. */
  resetConnection(): void {
    this.#isOver = true;
    if (this.#socket) this.#socket.resetAndDestroy();
    else this.#stream.session?.destroy();
  }

  /** GOAWAY with NO_ERROR. */
  goAway(): void {
    this.#stream.session?.goaway(0);
  }

  closeConnection(): void {
    this.#isOver = true;
    this.#session?.destroy();
  }

  /** Reads nothing more from the connection. */
  freeze(): void {
    this.#isOver = true;
    this.#stream.pause();
    stopReading(this.#socket);
  }

  get #session(): Http2Session | undefined {
    return this.#stream.session;
  }
}

/** Takes nothing more out of a socket, PINGs included. HTTP/2 reads from the handle itself, so a paused stream is not enough. */
function stopReading(socket: TLSSocket | undefined): void {
  const handle: unknown = socket && Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null) return;
  const stop: unknown = Reflect.get(handle, "readStop");
  if (typeof stop === "function") stop.call(handle);
}
