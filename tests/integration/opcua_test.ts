/** The OPC UA source against a server of the same library's server side, in this process. */
import assert from "node:assert/strict";
import { getFullyQualifiedDomainName } from "node-opcua-hostname";
import { AuthError, ConfigError, ConnectionError } from "../../src/core/error.ts";
import type { OpcuaReading } from "../../src/sources/opcua/reading.ts";
import { testSourceContract } from "../contract/source.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { startOpcuaServer } from "../peers/opcua_server.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { connect, counter, numbersOf, openBench, openProxy, read } from "./opcua_bench.ts";

// node-opcua-hostname asks the resolver for this host's name when it is loaded: its answer, however late, falls into no test.
await eventually("the name of this host is looked up", () => {
  try {
    return getFullyQualifiedDomainName();
  } catch {
    return undefined;
  }
}, 60_000);

testSourceContract({
  name: "OpcuaSource",
  isLossSeen: true,
  // node-opcua 2.186.4 waits 100 ms behind CloseSecureChannel, and a second before it looks whether to mend what is gone.
  lingerMs: { closed: 200, lost: 1200 },
  open: async () => {
    await using opened = new AsyncDisposableStack();
    const bench = opened.use(await openBench());
    const silent = opened.adopt(Deno.listen({ hostname: "127.0.0.1", port: 0 }), (listener) => listener.close());
    const stack = opened.move();
    return {
      create: () => bench.source(),
      createDead: () => bench.source({}, `opc.tcp://127.0.0.1:${freePort()}`),
      createSilent: () => bench.source({}, `opc.tcp://127.0.0.1:${silent.addr.port}`),
      endPeer: async () => await bench.server[Symbol.asyncDispose](),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
});

Deno.test("OpcuaSource mends a broken connection and misses no value of the time between", async () => {
  await using bench = await openBench();
  await using proxy = openProxy(bench.server.port);
  await using source = bench.source({ repair_timeout_seconds: 15 }, proxy.endpoint);
  await connect(source);
  const before = await read(source, (readings) => readings.length >= 10);
  proxy.cut();
  const after = await read(source, (readings) => readings.length >= 100);
  const numbers = numbersOf([...before, ...after]);
  assert.deepEqual(numbers, numbers.map((_, i) => (numbers[0] ?? NaN) + i));
  assert.deepEqual(bench.deps.events.map(({ kind }) => kind), ["repairing", "repaired"]);
});

Deno.test("OpcuaSource creates monitored items in calls as small as the server's limit, which it reads one by one", async () => {
  await using bench = await openBench({ nodes: 120, maxItemsPerCall: 50, maxNodesPerRead: 1 });
  await using source = bench.source({ nodes: [{ browse_path: "0:Root/0:Objects/1:Counters" }] });
  await connect(source);
  const tags = new Set<string>();
  await read(source, (readings) => {
    for (const { tag } of readings) tags.add(tag);
    return tags.size === 120;
  });
  assert.deepEqual(bench.deps.events, []);
});

Deno.test("OpcuaSource leaves changes within the deadband at the server", async () => {
  await using bench = await openBench();
  await using source = bench.source({ nodes: [{ ...counter(0), deadband: { type: "absolute", value: 4 } }] });
  await connect(source);
  const numbers = numbersOf(await read(source, (readings) => readings.length >= 4));
  const steps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? NaN));
  assert.ok(steps.every((step) => step > 4), steps.join());
});

Deno.test("OpcuaSource reads a node as soon as the server has it, and says that it recovered", async () => {
  await using bench = await openBench();
  await using source = bench.source({ nodes: [{ node_id: "ns=1;s=late", name: "late", sampling_interval_ms: 0 }] });
  await connect(source);
  await eventually("it is missed", () => bench.deps.events.length > 0);
  bench.server.addCounter("late");
  const [reading] = await read(source, (readings) => readings.length > 0);
  assert.equal(reading?.tag, "late");
  assert.deepEqual(bench.deps.events.map(({ kind }) => kind), ["tag_failed", "tag_recovered"]);
});

Deno.test("OpcuaSource reads a node on that went away and came back within a session, and says both", async () => {
  await using bench = await openBench({ nodes: 2 });
  await using source = bench.source({ nodes: [counter(0), { ...counter(1), name: "online" }] });
  await connect(source);
  const ofIt = (readings: readonly OpcuaReading[]) => readings.filter(({ tag }) => tag === "online");
  await read(source, (readings) => ofIt(readings).length >= 3);
  bench.server.removeCounter("counter1");
  const away = await read(source, (readings) => ofIt(readings).some(({ value }) => value.status !== "Good"));
  assert.match(ofIt(away).at(-1)?.value.status ?? "", /^BadNodeId(Unknown|Invalid)$/);
  await eventually("the loss is told", () => bench.deps.events.length === 1);
  bench.server.addCounter("counter1");
  const again = await read(source, (readings) => ofIt(readings).length >= 3);
  assert.ok(ofIt(again).every(({ value }) => value.status === "Good"));
  assert.deepEqual(bench.deps.events.map(({ kind }) => kind), ["tag_failed", "tag_recovered"]);
  assert.match(JSON.stringify(bench.deps.events[0]), /the server no longer has ns=1;s=counter1 \(BadNodeId/);
});

Deno.test("OpcuaSource finds a variable of a browse path again that came back with another node id", async () => {
  await using bench = await openBench({ nodes: 2 });
  await using source = bench.source({
    nodes: [{ browse_path: "0:Root/0:Objects/1:Counters", sampling_interval_ms: 0 }],
  });
  await connect(source);
  const ofIt = (readings: readonly OpcuaReading[]) => readings.filter(({ tag }) => tag.endsWith("1:counter1"));
  await read(source, (readings) => ofIt(readings).length >= 3);
  bench.server.removeCounter("counter1");
  bench.server.addCounter("counter1", "renamed");
  const readings = await read(
    source,
    (readings) => ofIt(readings).some(({ from }) => from.nodeId === "ns=1;s=renamed"),
  );
  assert.equal(ofIt(readings).at(-1)?.value.status, "Good");
  assert.deepEqual(bench.deps.events.map(({ kind }) => kind), ["tag_failed", "tag_recovered"]);
});

Deno.test("OpcuaSource reads no other variable when the server numbers its namespaces anew, and goes on when they are back", async () => {
  await using bench = await openBench({ nodes: 0 });
  const port = freePort();
  const nodes = [{ node_id: "ns=2;s=v0", name: "moving" }, { node_id: "nsu=urn:plant:a;s=v0", name: "steady" }];
  const next = bench.sessions({ nodes }, `opc.tcp://127.0.0.1:${port}`);
  const session = async (...namespaces: string[]) => {
    await using _server = await startOpcuaServer({ port, nodes: 0, namespaces });
    await using source = next();
    await connect(source);
    const readings = await read(source, (readings) => readings.some(({ tag }) => tag === "steady"));
    return Object.fromEntries(readings.map(({ tag, value }) => [tag, value.text]));
  };
  const both = { moving: "urn:plant:a", steady: "urn:plant:a" };
  assert.deepEqual(await session("urn:plant:a", "urn:plant:b"), both);
  assert.deepEqual(await session("urn:plant:b", "urn:plant:a"), { steady: "urn:plant:a" });
  const reason = "ns=2 was urn:plant:a and is now urn:plant:b";
  assert.deepEqual(bench.deps.events, [{ kind: "tag_failed", tag: "moving", reason }]);
  const errors = bench.deps.log.lines.filter(({ level }) => level === "error");
  assert.deepEqual(errors.map(({ message }) => message), [`${reason}: write nsu=urn:plant:a;s=v0`]);
  assert.deepEqual(await session("urn:plant:a", "urn:plant:b"), both);
});

Deno.test("OpcuaSource gives up a connection that does not come back in time", async () => {
  await using bench = await openBench();
  const proxy = openProxy(bench.server.port);
  await using source = bench.source({}, proxy.endpoint);
  await connect(source);
  await proxy[Symbol.asyncDispose]();
  await assert.rejects(read(source, () => false), /did not come back within 1000 ms/);
});

Deno.test("OpcuaSource names a silent server as the cause, and its next session tells how long no data came", async () => {
  await using bench = await openBench();
  await using proxy = openProxy(bench.server.port);
  const next = bench.sessions({ transaction_timeout_seconds: 2 }, proxy.endpoint);
  {
    await using source = next();
    await connect(source);
    await read(source, (readings) => readings.length >= 3);
    proxy.freeze(true);
    await assert.rejects(read(source, () => false), /^ConnectionError: Lost .*: the server said nothing for 2/);
  }
  const reasons = bench.deps.events.map((event) => event.kind === "repairing" ? event.reason : event.kind);
  assert.ok(reasons.every((reason) => /^the server said nothing for 2(\.\d)? s$/.test(reason)), reasons.join());
  proxy.freeze(false);
  for (let session = 0; session < 2; session++) {
    await using source = next();
    await connect(source);
    await read(source, (readings) => readings.length >= 3);
  }
  const [line, ...more] = bench.deps.log.lines.filter(({ level }) => level === "warn");
  assert.match(line?.message ?? "", /^No data from [\d:]{8} to [\d:]{8} \(UTC\); what the server had queued is lost$/);
  assert.deepEqual(more, []);
});

Deno.test("OpcuaSource tells once per source on which other terms the server watches its nodes", async () => {
  await using bench = await openBench();
  const next = bench.sessions({ nodes: [0, 1].map((i) => ({ ...counter(i), sampling_interval_ms: 86_400_000 })) });
  for (let session = 0; session < 2; session++) {
    await using source = next();
    await connect(source);
    await read(source, (readings) => readings.length >= 2);
    await eventually("the nodes are watched", () => bench.deps.log.lines.length > 0);
  }
  const terms = "The server watches nodes on other terms than asked";
  assert.deepEqual(bench.deps.log.lines.map(({ message }) => message), [
    `${terms}: sampling_interval_ms 3600000 in place of 86400000 (2 items)`,
  ]);
});

Deno.test("OpcuaSource tells once in a session that the server's clock is far off", async () => {
  await using bench = await openBench({ clockAheadMs: -24 * 3_600_000 });
  await using source = bench.source();
  await connect(source);
  await read(source, (readings) => readings.length >= 20);
  const lines = bench.deps.log.lines.map(({ message }) => message);
  assert.deepEqual(lines, ["The server's clock is 24 h behind ours: event times are wrong by as much"]);
});

for (const policy of ["None", "auto", "Basic256Sha256"]) {
  Deno.test(`OpcuaSource tells a port at which something else answers from one at which nothing is, with ${policy}`, async () => {
    await using bench = await openBench();
    await using modbus = startModbusServer();
    const connectAt = async (port: number) => {
      await using source = bench.source({ security_policy: policy }, `opc.tcp://127.0.0.1:${port}`);
      const error = await connect(source).then(() => undefined, (error) => error);
      assert.ok(error instanceof ConnectionError, String(error));
      assert.equal(error.code, "opcua_unreachable");
      return error.message;
    };
    await using web = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("hello"));
    for (const port of [modbus.port, web.addr.port]) {
      const why = /: something takes connections there and does not answer as an OPC UA server; check the port, and/;
      assert.match(await connectAt(port), why);
    }
    assert.match(await connectAt(freePort()), /; check address, port and firewall, and that the server runs$/);
  });
}

Deno.test("OpcuaSource tells a server that has no session left as that, to be tried again", async () => {
  await using bench = await openBench({ maxSessions: 1 });
  await using first = bench.source();
  await connect(first);
  await read(first, (readings) => readings.length > 0); // a session in use is not given to others
  await using second = bench.source();
  await assert.rejects(connect(second), (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.match(error.message, /: the server has no session left: .* \(BadTooManySessions\)$/);
    return true;
  });
});

Deno.test("OpcuaSource finds the variables of a browse path and names them by it", async () => {
  await using bench = await openBench({ nodes: 2 });
  await using source = bench.source({ nodes: [{ browse_path: "0:Root/0:Objects/1:Counters", unit: "pcs" }] });
  await connect(source);
  const [first, second] = await read(source, (readings) => readings.length >= 2);
  assert.deepEqual(first?.from, {
    name: "0:Root/0:Objects/1:Counters/1:counter0",
    nodeId: "ns=1;s=counter0",
    namespace: 1,
    browsePath: "0:Root/0:Objects/1:Counters/1:counter0",
    labels: { unit: "pcs" },
  });
  assert.equal(second?.from.nodeId, "ns=1;s=counter1");
});

Deno.test("OpcuaSource reads at most max_nodes variables of a browse path, and says so", async () => {
  await using bench = await openBench({ nodes: 5 });
  const nodes = [
    { browse_path: "0:Root/0:Objects/1:Counters", max_nodes: 2, sampling_interval_ms: 0 },
    { node_id: "ns=1;s=late", sampling_interval_ms: 0 },
  ];
  await using source = bench.source({ nodes });
  await connect(source);
  await eventually("both entries are told", () => bench.deps.events.length === 2);
  bench.server.addCounter("late"); // once it is read, what failed was tried again
  const readings = await read(source, (readings) => readings.filter(({ tag }) => tag === "ns=1;s=late").length >= 5);
  const counted = readings.filter(({ tag }) => tag !== "ns=1;s=late");
  assert.equal(new Set(counted.map(({ tag }) => tag)).size, 2);
  const seen = new Set(counted.map(({ tag, value }) => `${tag} ${value.number}`));
  assert.equal(seen.size, counted.length, "no value comes twice");
  assert.match(JSON.stringify(bench.deps.events), /more variables are under the object than max_nodes allows \(2\)/);
});

Deno.test("OpcuaSource refuses a certificate file that cannot be read, naming it", async () => {
  await using bench = await openBench();
  await using source = bench.source({ security_policy: "Basic256Sha256", server_certificate_path: "certs/none.der" });
  await assert.rejects(
    connect(source),
    (error) => error instanceof ConfigError && /certs\/none\.der/.test(error.message),
  );
});

Deno.test("OpcuaSource leaves no session at the server after it is disposed of", async () => {
  await using bench = await openBench({ users: { operator: "secret" } });
  {
    await using source = bench.source({ username: "operator", password: "secret", allow_plain_password: true });
    await connect(source);
    assert.equal(bench.server.sessions, 1);
  }
  await eventually("the session is closed", () => bench.server.sessions === 0);
  await using source = bench.source({ username: "operator", password: "wrong", allow_plain_password: true });
  await assert.rejects(connect(source), AuthError);
});
