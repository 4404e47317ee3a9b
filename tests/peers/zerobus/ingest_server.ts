import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import type { KeyedCertificate } from "../certificates.ts";
import { ServerConnection, type ServerStream } from "./http2/mod.ts";
import { IngestStream, type StreamContext } from "./ingest_stream.ts";
import { ServerCall } from "./server_call.ts";
import { Code, type GrpcStatus } from "./status.ts";
import type { TokenLedger } from "./tokens.ts";

const PATH = "/databricks.zerobus.Zerobus/EphemeralStream";
const TABLE_HEADER = "x-databricks-zerobus-table-name";
/** Bytes that a client may send ahead, on a stream and on a connection. */
const WINDOW_BYTES = 4 * 1024 * 1024;

export interface IngestServerOptions {
  readonly port: number;
  readonly certificate: KeyedCertificate;
  readonly tokens: TokenLedger;
  readonly context: StreamContext;
}

type Headers = ReadonlyMap<string, string>;

/** The gRPC service `databricks.zerobus.Zerobus` on loopback, over TLS and HTTP/2. */
export class IngestServer implements AsyncDisposable {
  readonly #options: IngestServerOptions;
  readonly #server: tls.Server;
  readonly #sockets = new Set<tls.TLSSocket>();
  #isClosed = false;

  private constructor(options: IngestServerOptions) {
    this.#options = options;
    const { certificate, privateKey } = options.certificate;
    this.#server = tls.createServer(
      { cert: certificate, key: privateKey, ALPNProtocols: ["h2"] },
      (socket) => this.#connected(socket),
    );
    this.#server.on("tlsClientError", () => {/* a client that does not trust us goes away */});
  }

  static async start(options: IngestServerOptions): Promise<IngestServer> {
    const server = new IngestServer(options);
    server.#server.listen(options.port, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // a TCP server's address is of this kind
  }

  /** Resets every connection and listens no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  #connected(socket: tls.TLSSocket): void {
    if (this.#isClosed) return void socket.resetAndDestroy(); // its handshake was under way when the server closed
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    const write = ({ buffer, byteOffset, length }: Uint8Array) => {
      if (!socket.destroyed) socket.write(Buffer.from(buffer, byteOffset, length));
    };
    const request = (stream: ServerStream, headers: Headers) => this.#called(stream, headers, socket);
    const connection = new ServerConnection({ write }, { windowBytes: WINDOW_BYTES, request });
    socket.on("data", ({ buffer, byteOffset, length }: Buffer) => {
      // Plain bytes: what a Buffer calls slice() is no copy.
      const isUnderstood = connection.receive(new Uint8Array(buffer, byteOffset, length));
      if (!isUnderstood) socket.destroySoon();
    });
    socket.on("error", () => {/* a connection that is cut */});
    socket.on("end", () => socket.destroySoon());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      connection.dispose();
    });
  }

  #called(stream: ServerStream, headers: Headers, socket: tls.TLSSocket): void {
    const call = new ServerCall(stream, socket);
    const table = headers.get(TABLE_HEADER) ?? "";
    const status = this.#judge(headers, table);
    if (status) {
      this.#options.context.refused(table, status.code, status.message ?? "");
      return call.refuse(status);
    }
    const userAgent = headers.get("user-agent") ?? "";
    const ingest = new IngestStream(call, { table, userAgent }, this.#options.context);
    stream.listen({
      data: (part) => ingest.receive(part),
      end: () => ingest.halfClosed(),
      close: () => ingest.dispose(),
    });
    call.begin();
  }

  /** Why a call is refused by its headers alone. */
  #judge(headers: Headers, table: string): GrpcStatus | undefined {
    if (headers.get(":path") !== PATH || headers.get(":method") !== "POST") {
      return { code: Code.UNIMPLEMENTED, message: `Method not found: ${headers.get(":path")}` };
    }
    if (!headers.get("content-type")?.startsWith("application/grpc") || headers.get("te") !== "trailers") {
      return { code: Code.INTERNAL, message: "not a gRPC call" };
    }
    if (!table) return { code: Code.INVALID_ARGUMENT, message: `Missing header ${TABLE_HEADER}` };
    const grant = this.#options.tokens.find(headers.get("authorization"));
    if (!grant) return { code: Code.UNAUTHENTICATED, message: "Invalid or expired token" };
    if (grant.table !== table) {
      return { code: Code.PERMISSION_DENIED, message: `The token does not allow to write ${table}` };
    }
    return undefined;
  }
}
