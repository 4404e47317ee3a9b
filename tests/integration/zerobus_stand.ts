import grpc from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { MQTT } from "../../src/bronze/mod.ts";
import type { Sink } from "../../src/core/sink.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ProtoWriter } from "../../src/lib/proto_writer.ts";
import { type ZerobusDeps, type ZerobusEvent, ZerobusWorkspace } from "../../src/sinks/zerobus/mod.ts";
import { zerobusSettings } from "../../src/sinks/zerobus/spec.ts";
import { find } from "../../src/sinks/zerobus/wire.ts";
import { ProtoReader } from "../../src/lib/proto_reader.ts";
import { FakeLogger } from "../fakes/logger.ts";
import { LANE } from "../fakes/zerobus_sink.ts";
import { type LeafOptions, TestAuthority } from "../peers/certificates.ts";
import { TcpRelay } from "./tcp_relay.ts";

type ServerCall = grpc.ServerDuplexStream<Uint8Array, Uint8Array>;

/** A request with rows, and the call it came on. */
export interface Arrived {
  readonly call: ServerCall;
  readonly offset: number;
  readonly rows: readonly Uint8Array[];
}

const DEFINITION: grpc.ServiceDefinition = {
  EphemeralStream: {
    path: "/databricks.zerobus.Zerobus/EphemeralStream",
    requestStream: true,
    responseStream: true,
    requestSerialize: asBuffer,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: asBuffer,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

/** A workspace and an ingest service on loopback, over TLS, whose answers a test decides. */
export class ZerobusStand implements AsyncDisposable {
  readonly authority: TestAuthority;
  readonly stored: Uint8Array[] = [];
  readonly events: ZerobusEvent[] = [];
  readonly log = new FakeLogger();
  readonly metadata: grpc.Metadata[] = [];
  readonly home: string;
  ingestPort = 0;
  /** Answers a request for a token; `isTable` where it is one for a table. */
  token: (isTable: boolean) => Response = () => Response.json({ access_token: "t", expires_in: 3600 });
  columns: () => Response = () => new Response(null, { status: 403 });
  arrived: (arrived: Arrived) => void = (arrived) => this.take(arrived);
  readonly #grpc = new grpc.Server();
  readonly #stack = new AsyncDisposableStack();
  #front!: TcpRelay;
  #http!: Deno.HttpServer<Deno.NetAddr>;

  private constructor(authority: TestAuthority, home: string) {
    this.authority = authority;
    this.home = home;
  }

  /** `leaf` is the ingest service's certificate, from the authority that the sink trusts or from `signedBy`. */
  static async start(leaf: LeafOptions & { signedBy?: TestAuthority } = {}): Promise<ZerobusStand> {
    const stand = new ZerobusStand(await TestAuthority.create(), await Deno.makeTempDir());
    await stand.#serve(leaf);
    return stand;
  }

  async #serve({ signedBy = this.authority, ...leaf }: LeafOptions & { signedBy?: TestAuthority }): Promise<void> {
    const web = await this.authority.issue();
    this.#http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert: web.certificate, key: web.privateKey, onListen: () => {} },
      (request) => this.#answer(request),
    );
    this.#grpc.addService(DEFINITION, { EphemeralStream: (call: ServerCall) => this.#stream(call) });
    const plain = await new Promise<number>((resolve, reject) =>
      this.#grpc.bindAsync(
        "127.0.0.1:0",
        grpc.ServerCredentials.createInsecure(),
        (error, port) => error ? reject(error) : resolve(port),
      )
    );
    // The library's own TLS server does not work here: TLS ends in front of it.
    this.#front = await TcpRelay.tls(plain, await signedBy.issue(leaf));
    this.ingestPort = this.#front.port;
  }

  /** The sink under test. `through` is a port in the ingest service's place. */
  sink(options: { through?: number; host?: string; deps?: Partial<ZerobusDeps>; connection?: object } = {}): Sink {
    const { through = this.ingestPort, host = "localhost", deps = {}, connection = {} } = options;
    const settings = zerobusSettings.parse({
      workspace_host: `https://localhost:${this.#http.addr.port}`,
      zerobus_endpoint: `https://${host}:${through}`,
      auth: { client_id: "id", client_secret: "s" },
      connection,
    });
    const workspace = new ZerobusWorkspace(settings, {
      clock: systemClock,
      log: this.log,
      version: "1.2.3",
      home: this.home,
      extraRoots: this.authority.certificate,
      proxy: undefined,
      report: (event) => void this.events.push(event),
      ...deps,
    });
    const sink = workspace.sink(LANE, MQTT);
    this.#stack.use(workspace);
    this.#stack.use(sink);
    return sink;
  }

  /** Stores the rows of a request and acknowledges it. */
  take({ call, offset, rows }: Arrived): void {
    this.stored.push(...rows);
    this.#respond(call, 2, (writer) => writer.int64(8, offset));
  }

  get workspacePort(): number {
    return this.#http.addr.port;
  }

  async stopWorkspace(): Promise<void> {
    await this.#http.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
    await this.#front[Symbol.asyncDispose]();
    this.#grpc.forceShutdown();
    await this.#http.shutdown();
    await Deno.remove(this.home, { recursive: true });
  }

  #answer(request: Request): Promise<Response> | Response {
    if (request.method === "GET") return this.columns();
    return request.formData().then((form) => this.token(form.has("authorization_details")));
  }

  #stream(call: ServerCall): void {
    this.metadata.push(call.metadata);
    call.on("data", (request: Uint8Array) => {
      if (find(request, 1)) return this.#respond(call, 1, (writer) => writer.string(10, "stream"));
      const ingest = find(request, 3)?.value() ?? new Uint8Array();
      const rows: Uint8Array[] = [];
      const field = new ProtoReader(find(ingest, 2)?.value() ?? new Uint8Array());
      while (field.next()) rows.push(field.value());
      this.arrived({ call, offset: Number(find(ingest, 1)?.int64()), rows });
    });
    call.on("end", () => call.end());
    call.on("error", () => {/* the client is gone */});
  }

  #respond(call: ServerCall, number: number, write: (writer: ProtoWriter) => void): void {
    const writer = new ProtoWriter();
    write(writer);
    const inner = writer.finish();
    writer.bytes((number << 3) | 2, inner);
    call.write(writer.finish());
  }
}
