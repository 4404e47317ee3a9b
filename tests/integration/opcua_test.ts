/** The OPC UA source against a server of the same library's server side, in this process. */
import assert from "node:assert/strict";
import { AuthError, ConfigError } from "../../src/core/error.ts";
import type { Source } from "../../src/core/source.ts";
import { create } from "../../src/sources/opcua/mod.ts";
import type { OpcuaReading } from "../../src/sources/opcua/reading.ts";
import { opcuaSettings } from "../../src/sources/opcua/settings.ts";
import { testSourceContract } from "../contract/source.ts";
import { type FakeSourceDeps, fakeSourceDeps } from "../fakes/source_deps.ts";
import { NAMESPACE, type OpcuaServer, startOpcuaServer } from "../peers/opcua_server.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";

/** What a test says of the `opcua:` block; the rest is fast and insecure. */
type Block = Record<string, unknown>;

interface Bench extends AsyncDisposable {
  readonly server: OpcuaServer;
  readonly home: string;
  readonly deps: FakeSourceDeps;
  source(block?: Block, endpoint?: string): Source;
}

async function openBench(options: Parameters<typeof startOpcuaServer>[0] = {}): Promise<Bench> {
  await using opened = new AsyncDisposableStack();
  const home = await Deno.makeTempDir({ prefix: "opcua-home-" });
  opened.defer(() => Deno.remove(home, { recursive: true }));
  const server = opened.use(await startOpcuaServer({ intervalMs: 20, ...options }));
  const deps = fakeSourceDeps({ home });
  const stack = opened.move();
  return {
    server,
    home,
    deps,
    source: (block = {}, endpoint = server.endpoint) =>
      create({ name: "press", endpoint, labels: {}, settings: settings(block) }, deps),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function settings(block: Block) {
  return opcuaSettings.parse({
    security_policy: "None",
    subscription: { publishing_interval_ms: 50, queue_size: 100 },
    nodes: [counter(0)],
    repair_timeout_seconds: 1,
    ...block,
  });
}

function counter(i: number) {
  return { node_id: `ns=1;s=counter${i}`, sampling_interval_ms: 10 };
}

testSourceContract({
  name: "OpcuaSource",
  open: async () => {
    await using opened = new AsyncDisposableStack();
    const bench = opened.use(await openBench());
    const silent = opened.adopt(Deno.listen({ hostname: "127.0.0.1", port: 0 }), (listener) => listener.close());
    const stack = opened.move();
    return {
      create: () => bench.source(),
      createDead: () => bench.source({}, `opc.tcp://127.0.0.1:${freePort()}`),
      createSilent: () => bench.source({}, `opc.tcp://127.0.0.1:${silent.addr.port}`),
      endPeer: () => bench.server[Symbol.asyncDispose](),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
});
