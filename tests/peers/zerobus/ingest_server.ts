import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { KeyedCertificate } from "../certificates.ts";
import { IngestStream, type StreamContext } from "./ingest_stream.ts";
import { ServerCall } from "./server_call.ts";
import { Code, type GrpcStatus } from "./status.ts";
import type { TokenLedger } from "./tokens.ts";

const PATH = "/databricks.zerobus.Zerobus/EphemeralStream";
const TABLE_HEADER = "x-databricks-zerobus-table-name";
/** Bytes that a client may send ahead, for a stream and for a connection. */
const WINDOW_BYTES = 4 * 1024 * 1024;

export interface IngestServerOptions {
  readonly port: number;
  readonly certificate: KeyedCertificate;
  readonly tokens: TokenLedger;
  readonly context: StreamContext;
}

/** The gRPC service `databricks.zerobus.Zerobus` on loopback, over TLS and HTTP/2. */
export class IngestServer implements AsyncDisposable {
  readonly #options: IngestServerOptions;
  readonly #server: http2.Http2SecureServer;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(options: IngestServerOptions) {
    this.#options = options;
    const { certificate, privateKey } = options.certificate;
    const settings = { initialWindowSize: WINDOW_BYTES };
    this.#server = http2.createSecureServer({ cert: certificate, key: privateKey, settings });
    this.#server.on("secureConnection", (socket: TLSSocket) => this.#connected(socket));
    this.#server.on("session", (session) => session.setLocalWindowSize(WINDOW_BYTES));
    this.#server.on("sessionError", () => {/* the client is gone, or we cut it off */});
    this.#server.on("tlsClientError", () => {/* a client that does not trust us goes away */});
    // A server's streams are of this kind; some versions of the types say less.
    this.#server.on("stream", (stream, headers) => this.#called(stream as http2.ServerHttp2Stream, headers));
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
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  #connected(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {/* a connection that is cut */});
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #called(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
    const remotePort = stream.session?.socket.remotePort;
    const call = new ServerCall(stream, this.#sockets.values().find((socket) => socket.remotePort === remotePort));
    const table = String(headers[TABLE_HEADER] ?? "");
    const status = this.#judge(headers, table);
    if (status) {
      this.#options.context.refused(table, status.code, status.message ?? "");
      return call.refuse(status);
    }
    const userAgent = String(headers["user-agent"] ?? "");
    const ingest = new IngestStream(call, { table, userAgent }, this.#options.context);
    stream.on("close", () => ingest.dispose());
    ingest.start();
  }

  /** Why a call is refused by its headers alone. */
  #judge(headers: http2.IncomingHttpHeaders, table: string): GrpcStatus | undefined {
    if (headers[":path"] !== PATH || headers[":method"] !== "POST") {
      return { code: Code.UNIMPLEMENTED, message: `Method not found: ${headers[":path"]}` };
    }
    if (!headers["content-type"]?.startsWith("application/grpc") || headers.te !== "trailers") {
      return { code: Code.INTERNAL, message: "not a gRPC call" };
    }
    if (!table) return { code: Code.INVALID_ARGUMENT, message: `Missing header ${TABLE_HEADER}` };
    const grant = this.#options.tokens.find(headers.authorization);
    if (!grant) return { code: Code.UNAUTHENTICATED, message: "Invalid or expired token" };
    if (grant.table !== table) {
      return { code: Code.PERMISSION_DENIED, message: `The token does not allow to write ${table}` };
    }
    return undefined;
  }
}
