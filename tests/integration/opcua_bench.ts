/** An OPC UA server in this process, and sources of it: what the tests of the source stand on. */
import type { Source } from "../../src/core/source.ts";
import { opcuaAdapter } from "../../src/sources/opcua/mod.ts";
import type { OpcuaReading } from "../../src/sources/opcua/reading.ts";
import { type OpcuaSettings, opcuaSettings } from "../../src/sources/opcua/settings.ts";
import { type FakeSourceDeps, fakeSourceDeps } from "../fakes/source_deps.ts";
import { type OpcuaServer, startOpcuaServer } from "../peers/opcua_server.ts";

/** What a test says of the `opcua:` block; the rest is fast and insecure. */
export type Block = Record<string, unknown>;

export interface Bench extends AsyncDisposable {
  readonly server: OpcuaServer;
  readonly home: string;
  readonly deps: FakeSourceDeps;
  source(block?: Block, endpoint?: string): Source;
  /** Makes sessions of one source, each in place of the one before. */
  sessions(block?: Block, endpoint?: string): () => Source;
}

export async function openBench(options: Parameters<typeof startOpcuaServer>[0] = {}): Promise<Bench> {
  await using opened = new AsyncDisposableStack();
  const home = await Deno.makeTempDir({ prefix: "opcua-home-" });
  opened.defer(() => Deno.remove(home, { recursive: true }));
  const server = opened.use(await startOpcuaServer({ intervalMs: 20, minSamplingMs: 5, ...options }));
  const deps = fakeSourceDeps({ home });
  const stack = opened.move();
  const sessions = (block: Block = {}, endpoint = server.endpoint) => {
    const adapter = opcuaAdapter();
    const config = { name: "press", endpoint, labels: {}, settings: settings(block) };
    return () => adapter.create(config, deps);
  };
  return {
    server,
    home,
    deps,
    sessions,
    source: (...options) => sessions(...options)(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export function settings(block: Block): OpcuaSettings {
  return opcuaSettings.parse({
    security_policy: "None",
    subscription: { publishing_interval_ms: 50, queue_size: 100 },
    nodes: [counter(0)],
    repair_timeout_seconds: 1,
    ...block,
  });
}

export function counter(i: number): { node_id: string; sampling_interval_ms: number } {
  return { node_id: `ns=1;s=counter${i}`, sampling_interval_ms: 0 };
}

/** Reads until `isEnough` says so of what came. */
export async function read(source: Source, isEnough: (readings: OpcuaReading[]) => boolean): Promise<OpcuaReading[]> {
  const readings: OpcuaReading[] = [];
  for await (const batch of source.batches(AbortSignal.timeout(20_000))) {
    batch.ack();
    readings.push(...batch.readings as OpcuaReading[]); // an OPC UA source makes only these
    if (isEnough(readings)) return readings;
  }
  throw new Error(`only ${readings.length} readings came in 20 s`);
}

export function connect(source: Source): Promise<void> {
  return source.connect(AbortSignal.timeout(20_000));
}

export function numbersOf(readings: readonly OpcuaReading[]): number[] {
  return readings.map((reading) => reading.value.number ?? NaN);
}

export interface Proxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Ends all connections. */
  cut(): void;
  freeze(yes: boolean): void;
}

/** A way to the server that can be cut, or left open with nothing going through. */
export function openProxy(port: number): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let isFrozen = false;
  const valve = () =>
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (bytes, out) => isFrozen ? undefined : out.enqueue(bytes),
    });
  const serve = async () => {
    for await (const near of listener) {
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      for (const [from, to] of [[near, far], [far, near]] as const) {
        open.add(from);
        from.readable.pipeThrough(valve()).pipeTo(to.writable).catch(() => {}).finally(() => open.delete(from)); // cut, or closed by a side
      }
    }
  };
  const served = serve();
  const cut = () => {
    for (const connection of open) connection.close();
  };
  return {
    endpoint: `opc.tcp://127.0.0.1:${listener.addr.port}`,
    cut,
    freeze: (yes) => void (isFrozen = yes),
    async [Symbol.asyncDispose]() {
      listener.close();
      cut();
      await served;
    },
  };
}
