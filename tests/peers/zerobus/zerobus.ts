import { type KeyedCertificate, TestAuthority } from "../certificates.ts";
import { type FaultPlan, FaultSchedule, type StreamFault, type WebFault } from "./fault.ts";
import { IngestServer } from "./ingest_server.ts";
import type { IngestStream, Poison, StreamContext } from "./ingest_stream.ts";
import { SilentServer } from "./silent_server.ts";
import { type Keep, Store } from "./store.ts";
import { BRONZE_TABLES, type StoredRow, type Table } from "./table.ts";
import { TokenLedger } from "./tokens.ts";
import { answerWeb } from "./workspace_web.ts";

export interface ZerobusOptions {
  /** Default: the three bronze tables of the catalog `iot_data`, with every column. */
  readonly tables?: readonly Table[];
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly workspaceId?: string;
  /** From storing to acknowledging. Default 0. */
  readonly ackDelayMs?: number;
  /** Ports of 127.0.0.1; 0, the default, takes free ones. They stay the same over `stop` and `start`. */
  readonly webPort?: number;
  readonly ingestPort?: number;
  /** Signs the certificate; default a new one. */
  readonly authority?: TestAuthority;
  /** In place of one from `authority`; `caPem` is what clients must trust. */
  readonly certificate?: KeyedCertificate & { readonly caPem: string };
  /** What becomes of stored rows. Default `all`. */
  readonly keep?: Keep;
  /** `full`, the default, decodes and checks every record; `light` only counts them, for measurements. */
  readonly verify?: "full" | "light";
  /** Default 3600. */
  readonly tokenSeconds?: number;
  /** Announces the end of each stream `everyMs` after its opening, and ends it `graceMs` later. */
  readonly rotation?: { readonly everyMs: number; readonly graceMs: number };
}

/** Something that the workspace refused: a request for a token, for a table's columns, a stream or a record. */
export interface Refusal {
  /** `token`, `catalog`, or the table of the stream. */
  readonly where: string;
  /** An HTTP status, or a gRPC status code. */
  readonly status: number;
  readonly message: string;
}

/** The newest so many refusals are kept. */
const MAX_REFUSALS = 1000;

/**
 * A Databricks workspace with Zerobus Ingest, on loopback over TLS: token endpoint, Unity Catalog's description of tables,
 * and the ingest service. It checks what the real one checks, and fails on demand.
 *
 * ```ts
 * await using zerobus = await startZerobus();
 * zerobus.plan({ on: "request", skip: 10, fault: { kind: "reset_connection" } });
 * ```
 */
export class ZerobusPeer implements AsyncDisposable {
  readonly caPem: string;
  readonly clientId: string;
  readonly workspaceId: string;
  readonly #options: ZerobusOptions;
  readonly #certificate: KeyedCertificate;
  readonly #store: Store;
  readonly #tokens = new TokenLedger();
  readonly #faults = new FaultSchedule();
  readonly #streams = new Set<IngestStream>();
  readonly #refusals: Refusal[] = [];
  readonly #context: StreamContext;
  #webPort: number;
  #ingestPort: number;
  #running = new AsyncDisposableStack();
  #clientSecret: string;
  #opened = 0;
  #isWithholding = false;
  #poison: Poison | undefined;

  constructor(options: ZerobusOptions, certificate: KeyedCertificate & { readonly caPem: string }) {
    this.#options = options;
    this.#certificate = certificate;
    this.caPem = certificate.caPem;
    this.clientId = options.clientId ?? "11111111-2222-3333-4444-555555555555";
    this.#clientSecret = options.clientSecret ?? "dose-of-test-secret";
    this.workspaceId = options.workspaceId ?? "7474649031";
    this.#webPort = options.webPort ?? 0;
    this.#ingestPort = options.ingestPort ?? 0;
    this.#store = new Store(options.tables ?? BRONZE_TABLES, options.keep ?? "all");
    this.#context = this.#makeContext();
  }

  /** `https://localhost:PORT` */
  get workspaceHost(): string {
    return `https://localhost:${this.#webPort}`;
  }

  /** `localhost:PORT` */
  get zerobusEndpoint(): string {
    return `localhost:${this.#ingestPort}`;
  }

  get webPort(): number {
    return this.#webPort;
  }

  get ingestPort(): number {
    return this.#ingestPort;
  }

  /** What is stored, in the order it came, repetitions included. */
  rows(table: string): readonly StoredRow[] {
    return this.#store.rows(table);
  }

  count(table: string): number {
    return this.#store.count(table);
  }

  /** Open streams, oldest first. */
  get streams(): readonly { readonly id: string; readonly table: string; readonly requests: number }[] {
    return [...this.#streams];
  }

  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /** Rows per table, and how many streams and tokens there were. */
  get stats(): ZerobusStats {
    const { issued } = this.#tokens;
    return { tables: this.#store.counts(), openStreams: this.#streams.size, streams: this.#opened, tokens: issued };
  }

  /** Adds a table, or alters one's columns for the streams to come. */
  putTable(table: Table): void {
    this.#store.put(table);
  }

  dropTable(name: string): void {
    this.#store.drop(name);
  }

  /** Lets a fault happen at its moment. */
  plan(plan: FaultPlan): void {
    this.#faults.add(plan);
  }

  /** Lets a fault happen now, on every open stream (to `table`). */
  strike(fault: StreamFault, table?: string): void {
    for (const stream of this.streamsTo(table)) stream.strike(fault);
  }

  /** The next `times` requests for a token, or for a table's columns, are answered so. */
  planWeb(where: "token" | "catalog", fault: WebFault, times = 1): void {
    this.#faults.addWeb(where, fault, times);
  }

  /** Forgets planned faults, the poison, and lets acknowledgements go. */
  heal(): void {
    this.#faults.clear();
    this.#poison = undefined;
    this.releaseAcks();
  }

  /** Refuses rows, as the service refuses those that do not fit; undefined takes all again. */
  poison(poison: Poison | undefined): void {
    this.#poison = poison;
  }

  /** From now on rows are stored and not acknowledged, until `releaseAcks`. */
  withholdAcks(): void {
    this.#isWithholding = true;
  }

  releaseAcks(): void {
    this.#isWithholding = false;
    for (const stream of this.#streams) stream.acknowledgeStored();
  }

  get clientSecret(): string {
    return this.#clientSecret;
  }

  /** From now on clients must know this secret; tokens that were given out stay good. */
  rotateSecret(clientSecret: string): void {
    this.#clientSecret = clientSecret;
  }

  /** No token that was given out is good any more; open streams go on. */
  revokeTokens(): void {
    this.#tokens.revokeAll();
  }

  /** Starts both services. */
  async start(): Promise<void> {
    await this.stop();
    const { port } = await this.#serveWeb();
    this.#webPort = port;
    const options = { port: this.#ingestPort, certificate: this.#certificate, tokens: this.#tokens };
    const ingest = this.#running.use(await IngestServer.start({ ...options, context: this.#context }));
    this.#ingestPort = ingest.port;
  }

  /** An outage: every connection is cut, and both ports are closed. `start` ends it; what was stored stays. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = new AsyncDisposableStack();
    await running.disposeAsync();
  }

  /** Like `stop`, but both ports take connections on which nothing is ever said. */
  async silence(): Promise<void> {
    await this.stop();
    this.#running.use(await SilentServer.start(this.#webPort));
    this.#running.use(await SilentServer.start(this.#ingestPort));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private streamsTo(table: string | undefined): IngestStream[] {
    return [...this.#streams].filter((stream) => table === undefined || stream.table === table);
  }

  #serveWeb(): Promise<{ port: number }> {
    const { certificate, privateKey } = this.#certificate;
    const stopped = new AbortController();
    const { promise, resolve } = Promise.withResolvers<{ port: number }>();
    const web = Deno.serve({
      hostname: "127.0.0.1",
      port: this.#webPort,
      cert: certificate,
      key: privateKey,
      signal: stopped.signal,
      onListen: (address) => resolve(address),
    }, (request) => answerWeb(request, { ...this.#webOptions(), signal: stopped.signal }));
    this.#running.defer(async () => {
      stopped.abort();
      await web.finished;
    });
    return promise;
  }

  #webOptions() {
    const { clientId } = this;
    // Clients that find no DNS label take the whole authority, or what stands before its first dot.
    const workspaceIds = [this.workspaceId, "localhost", this.zerobusEndpoint, "127"];
    return {
      store: this.#store,
      tokens: this.#tokens,
      faults: this.#faults,
      rules: () => ({ clientId, clientSecret: this.clientSecret, workspaceIds }),
      tokenSeconds: this.#options.tokenSeconds ?? 3600,
      stats: () => this.stats,
      refused: this.#context.refused,
    };
  }

  #makeContext(): StreamContext {
    const { ackDelayMs = 0, verify = "full", rotation } = this.#options;
    return {
      store: this.#store,
      faults: this.#faults,
      ackDelayMs,
      verify,
      rotation,
      isWithholding: () => this.#isWithholding,
      poison: () => this.#poison,
      opened: (stream) => {
        this.#opened++;
        this.#streams.add(stream);
      },
      closed: (stream) => this.#streams.delete(stream),
      refused: (where, status, message) => {
        if (this.#refusals.length === MAX_REFUSALS) this.#refusals.shift();
        this.#refusals.push({ where, status, message });
      },
    };
  }
}

/** What `GET /stats` answers. */
export interface ZerobusStats {
  readonly tables: Readonly<Record<string, number>>;
  readonly openStreams: number;
  /** Ever opened. */
  readonly streams: number;
  /** Ever given out. */
  readonly tokens: number;
}

/** Starts a fake workspace. */
export async function startZerobus(options: ZerobusOptions = {}): Promise<ZerobusPeer> {
  const peer = new ZerobusPeer(options, options.certificate ?? await issue(options.authority));
  await peer.start();
  return peer;
}

async function issue(given: TestAuthority | undefined): Promise<KeyedCertificate & { caPem: string }> {
  const authority = given ?? await TestAuthority.create();
  return { ...await authority.issue(), caPem: authority.certificate };
}
