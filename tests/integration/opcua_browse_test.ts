/** What the OPC UA source shows of a server in this process. */
import { DataType } from "node-opcua-client";
import assert from "node:assert/strict";
import type { BrowseNode, BrowseSession } from "../../src/core/browse.ts";
import { ConfigError, ConnectionError } from "../../src/core/error.ts";
import { opcuaAdapter } from "../../src/sources/opcua/mod.ts";
import { NAMESPACE } from "../peers/opcua_server.ts";
import { eventually } from "../wait.ts";
import { type Bench, openBench, settings } from "./opcua_bench.ts";

function browser(bench: Bench): BrowseSession {
  const config = { name: "press", endpoint: bench.server.endpoint, labels: {}, settings: settings({ nodes: [] }) };
  return opcuaAdapter().browse(config, bench.deps);
}

function page(session: BrowseSession, under?: string, after?: string, limit = 1000) {
  return session.children({ under, after, limit, listenMs: 1 }, AbortSignal.timeout(20_000));
}

async function named(session: BrowseSession, name: string, under?: string): Promise<BrowseNode> {
  const { nodes } = await page(session, under);
  return nodes.find((node) => node.name === name) ??
    assert.fail(`${name} is not among ${nodes.map(({ name }) => name)}`);
}

Deno.test("OpcuaBrowseSession shows objects and variables, with types, values, and entries that read them", async () => {
  await using bench = await openBench({ intervalMs: 0, startAt: 7 });
  await using session = browser(bench);
  await session.connect(AbortSignal.timeout(20_000));
  const counters = await named(session, "Counters");
  assert.deepEqual([counters.kind, counters.sample], ["folder", undefined]);
  assert.deepEqual(counters.configure, {
    list: "nodes",
    entry: { browse_path: "0:Root/0:Objects/1:Counters", recursive: true },
  });
  const counter = await named(session, "counter1", counters.id);
  assert.deepEqual([counter.kind, counter.dataType, counter.sample?.value, counter.sample?.status], [
    "variable",
    "UInt32",
    "7",
    "Good",
  ]);
  assert.ok((counter.sample?.timeUs ?? 0) > 1_600_000_000_000_000);
  const entry = { node_id: `nsu=${NAMESPACE};s=counter1` };
  assert.deepEqual(counter.configure, { list: "nodes", entry });
  assert.equal(settings({ nodes: [entry, counters.configure?.entry] }).nodes.length, 2);
  assert.deepEqual(await named(session, "counter1", "0:Root/0:Objects/1:Counters"), counter);
});

Deno.test("OpcuaBrowseSession names types of the server's own, arrays, and values that it may not read", async () => {
  await using bench = await openBench();
  const { space } = bench.server;
  const own = space.getOwnNamespace();
  own.addVariable({
    browseName: "List",
    organizedBy: space.rootFolder.objects,
    dataType: DataType.Double,
    valueRank: 1,
    value: { dataType: DataType.Double, arrayType: 1, value: [1, 2.5] },
  });
  own.addObject({ browseName: "Oven", organizedBy: space.rootFolder.objects, description: "The oven in hall 3" });
  await using session = browser(bench);
  await session.connect(AbortSignal.timeout(20_000));
  assert.equal((await named(session, "Oven")).facts?.description, "The oven in hall 3");
  const list = await named(session, "List");
  assert.match(String(list.facts?.numbered_id), /^ns=1;[is]=/);
  assert.deepEqual([list.dataType, list.sample?.value], ["Double[]", "[1,2.5]"]);
  assert.equal((await named(session, "Objects", "0:Root")).id, "i=85");
  const status = await named(session, "ServerStatus", "i=2253");
  assert.equal(status.dataType, "ServerStatusDataType");
  const state = await named(session, "State", status.id);
  assert.equal(state.dataType, "ServerState");
});

Deno.test("OpcuaBrowseSession turns pages, and comes to an end", async () => {
  await using bench = await openBench({ nodes: 25 });
  await using session = browser(bench);
  await session.connect(AbortSignal.timeout(20_000));
  const names: string[] = [];
  let after: string | undefined;
  do {
    const { nodes, next } = await page(session, "0:Objects/1:Counters", after, 10);
    assert.ok(nodes.length <= 10);
    names.push(...nodes.map(({ name }) => name));
    after = next;
  } while (after !== undefined);
  assert.deepEqual(names, Array.from({ length: 25 }, (_, i) => `counter${i}`));
});

Deno.test("OpcuaBrowseSession says of what names no node that it is no place, and how places are written", async () => {
  await using bench = await openBench();
  await using session = browser(bench);
  await session.connect(AbortSignal.timeout(20_000));
  for (const under of ["i=999999", "nsu=urn:nowhere;s=a", "0:Root/0:Objects/1:Nowhere", "ns=1;i=x", "/"]) {
    await assert.rejects(page(session, under), (error) => {
      assert.ok(error instanceof ConfigError && error.code === "browse_no_place", String(error));
      assert.match(error.message, /write a node id such as .*, or a browse path such as/);
      return true;
    });
  }
});

Deno.test("OpcuaBrowseSession tells a lost server as that, and leaves no session behind", async () => {
  await using bench = await openBench();
  {
    await using session = browser(bench);
    await session.connect(AbortSignal.timeout(20_000));
    assert.equal(bench.server.sessions, 1);
  }
  await eventually("the session is closed", () => bench.server.sessions === 0);
  await using session = browser(bench);
  await session.connect(AbortSignal.timeout(20_000));
  await bench.server[Symbol.asyncDispose]();
  await assert.rejects(page(session), ConnectionError);
});
