import type { TLSSocket } from "node:tls";
import type { ServerStream } from "./http2/mod.ts";
import { framed } from "./message_frames.ts";
import { type GrpcStatus, trailers } from "./status.ts";

const HEADERS = { ":status": "200", "content-type": "application/grpc+proto" };
/** RFC 9113, 7 */
const INTERNAL_ERROR = 2;

/** One gRPC call, from the server's side, with the ways in which a network or a server may end it. */
export class ServerCall {
  readonly #stream: ServerStream;
  readonly #socket: TLSSocket;

  /** `socket`: the connection that it came on. */
  constructor(stream: ServerStream, socket: TLSSocket) {
    this.#stream = stream;
    this.#socket = socket;
  }

  /** Ends a call that was not begun. */
  refuse(status: GrpcStatus): void {
    this.#stream.respond({ ...HEADERS, ...trailers(status) }, true);
  }

  /** Sends the response headers. */
  begin(): void {
    this.#stream.respond(HEADERS);
  }

  write(message: Uint8Array): void {
    this.#stream.write(framed(message));
  }

  end(status: GrpcStatus): void {
    this.#stream.end(trailers(status));
  }

  /** Ends the response without trailers. */
  endWithoutStatus(isReset: boolean): void {
    this.#stream.end(undefined, isReset);
  }

  /** RST_STREAM. */
  resetStream(): void {
    this.#stream.reset(INTERNAL_ERROR);
  }

  /** TCP RST. */
  resetConnection(): void {
    this.#socket.resetAndDestroy();
  }

  goAway(): void {
    this.#stream.goAway();
  }

  closeConnection(): void {
    this.#socket.destroySoon();
  }

  /** Reads nothing more from the connection, so that not even a PING is answered. */
  freeze(): void {
    this.#socket.pause();
  }
}
