/** What the OPC UA source does when sessions, subscriptions and certificates end, and with very many nodes. */
import assert from "node:assert/strict";
import { AuthError, ConnectionError } from "../../src/core/error.ts";
import { opcuaAdapter } from "../../src/sources/opcua/mod.ts";
import { startOpcuaServer } from "../peers/opcua_server.ts";
import { eventually } from "../wait.ts";
import { connect, openBench, openProxy, read, settings } from "./opcua_bench.ts";

Deno.test("OpcuaSource gives up a session whose subscription the server has ended, and the next one reads on", async () => {
  await using bench = await openBench();
  const next = bench.sessions();
  {
    await using source = next();
    await connect(source);
    await read(source, (readings) => readings.length >= 3);
    bench.server.endSubscriptions();
    await assert.rejects(read(source, () => false), (error) => {
      assert.ok(error instanceof ConnectionError, String(error));
      assert.match(error.message, /the server ended the subscription/);
      return true;
    });
  }
  await using source = next();
  await connect(source);
  await read(source, (readings) => readings.length >= 3);
});

Deno.test("OpcuaSource does not take a session that timed out at the server for a living one", async () => {
  await using bench = await openBench();
  await using source = bench.source({ repair_timeout_seconds: 5 });
  await connect(source);
  await read(source, (readings) => readings.length >= 3);
  bench.server.endSessions();
  await assert.rejects(read(source, () => false), ConnectionError);
});

Deno.test("OpcuaSource connects where it was told, whatever address the server gives of itself", async () => {
  await using bench = await openBench();
  await using proxy = openProxy(bench.server.port);
  const block = { security_policy: "Basic256Sha256", repair_timeout_seconds: 15 };
  {
    await using source = bench.source(block, proxy.endpoint);
    await assert.rejects(connect(source), AuthError);
  }
  const pki = `${bench.home}/certs/opcua`;
  for (const { name } of Deno.readDirSync(`${pki}/rejected`)) {
    Deno.renameSync(`${pki}/rejected/${name}`, `${pki}/trusted/certs/${name}`);
  }
  await using source = bench.source(block, proxy.endpoint);
  await connect(source);
  await read(source, (readings) => readings.length >= 3);
  proxy.cut();
  await eventually("the break is seen", () => bench.deps.events.length > 0);
  await read(source, (readings) => readings.length >= 100);
  assert.deepEqual(bench.deps.events.map(({ kind }) => kind), ["repairing", "repaired"]);
});

Deno.test("OpcuaSource watches 20,000 nodes: each gives its values, and nothing fails", async () => {
  const nodes = 20_000;
  await using server = await startOpcuaServer({ nodes, intervalMs: 0 });
  await using bench = await openBench({ nodes: 0 });
  const block = {
    subscription: { publishing_interval_ms: 100, max_notifications_per_publish: 5000 },
    nodes: [{ browse_path: "0:Root/0:Objects/1:Counters", max_nodes: nodes, sampling_interval_ms: 0 }],
  };
  const config = { name: "press", endpoint: server.endpoint, labels: {}, settings: settings(block) };
  await using source = opcuaAdapter().create(config, bench.deps);
  await connect(source);
  const values = new Map<string, number>();
  const latest = (value: number) =>
    read(source, (readings) => {
      for (const { tag, value: { number } } of readings) values.set(tag, number ?? NaN);
      return values.size === nodes && [...values.values()].every((number) => number === value);
    });
  await latest(0);
  await latest(server.tick());
  assert.deepEqual(bench.deps.events, []);
});
