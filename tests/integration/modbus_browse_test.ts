import assert from "node:assert/strict";
import { openBrowse } from "../../src/service/browse_source.ts";
import type { BrowseNode, BrowseSession } from "../../src/core/browse.ts";
import { ConnectionError } from "../../src/core/error.ts";
import { modbus } from "../../src/sources/modbus/spec.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { type ModbusServer, startModbusServer } from "../peers/modbus_server.ts";
import { eventually } from "../wait.ts";
import { configOf, Session } from "./modbus_session.ts";

async function browse(server: ModbusServer, block: Record<string, unknown> = {}): Promise<BrowseSession> {
  const places = [configOf(server.port, block)] as const;
  const options = { spec: modbus, places, deps: fakeSourceDeps(), signal: AbortSignal.timeout(10_000) };
  return (await openBrowse(options)).session;
}

/** All nodes under a place, page by page, and how many pages it took. */
async function allOf(session: BrowseSession, under: string | undefined, limit = 1000) {
  const nodes: BrowseNode[] = [];
  let after: string | undefined;
  let pages = 0;
  do {
    const page = await session.children({ under, after, limit, listenMs: 0 }, AbortSignal.timeout(10_000));
    nodes.push(...page.nodes);
    after = page.next;
    pages++;
  } while (after !== undefined);
  return { nodes, pages };
}

Deno.test("Modbus browse shows the tables of every unit that is configured, and their addresses in blocks", async () => {
  await using server = startModbusServer();
  const devices = [{ profile: "abb_b23", slave_id: 9 }];
  await using session = await browse(server, { devices, registers: [{ name: "a", address: 0, slave_id: 4 }] });
  const ids = (await allOf(session, undefined)).nodes.map(({ id }) => id);
  const tables = ["holding", "input", "coil", "discrete"];
  assert.deepEqual(ids, ["", "4/", "9/"].flatMap((unit) => tables.map((table) => `${unit}${table}`)));
  const { nodes: blocks, pages } = await allOf(session, "4/input", 50);
  assert.equal(pages, 2);
  assert.deepEqual([blocks[0]?.id, blocks.at(-1)?.id], ["4/input:0-999", "4/input:65000-65535"]);
  assert.equal(server.requests, 0, "nothing of it needs the device");
});

Deno.test("Modbus browse reads a range live, each register with the one behind it", async () => {
  await using server = startModbusServer();
  server.setRegister("holding", 100, 0x4148, 0x0000, 0x0000);
  await using session = await browse(server);
  const { nodes } = await allOf(session, "holding:100-101");
  assert.deepEqual(nodes.map(({ id, sample }) => [id, sample?.value]), [["holding:100", "16712"], [
    "holding:101",
    "0",
  ]]);
  const floats = nodes.map(({ alternatives }) => alternatives?.find(({ dataType }) => dataType === "float32 ABCD"));
  assert.deepEqual(floats.map((each) => each?.sample?.value), ["12.5", "0"]);
});

Deno.test("Modbus browse gives entries that read what it showed", async () => {
  await using server = startModbusServer();
  server.setRegister("input", 40_001, 0x0000, 0x4148);
  await using session = await browse(server);
  const [node] = (await allOf(session, "input:40001")).nodes;
  const chosen = node?.alternatives?.find(({ dataType }) => dataType === "float32 CDAB");
  await using reading = await Session.start(server, { registers: [chosen?.configure.entry] });
  assert.equal((await reading.newReading("input_40001")).value, Number(chosen?.sample?.value));
});

Deno.test("Modbus browse shows coils, a hundred at a time, in pages", async () => {
  await using server = startModbusServer();
  server.setRegister("coil", 249, 1);
  await using session = await browse(server);
  const { nodes, pages } = await allOf(session, "coil:0-249", 120);
  assert.equal(pages, 3);
  assert.deepEqual(nodes.map(({ sample }) => sample?.value), [...Array(249).fill("0"), "1"]);
  assert.ok(server.seen.every(({ count }) => count <= 100));
});

Deno.test("Modbus browse finds every register between holes, and the last one before the end", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "input", from: 0, to: 36, code: 2 });
  server.refuse({ table: "input", from: 38, to: 197, code: 3 });
  server.refuse({ table: "input", from: 199, to: 250, code: 2 });
  await using session = await browse(server);
  const { nodes } = await allOf(session, "input:0-250");
  assert.deepEqual(nodes.map(({ id }) => id), ["input:37", "input:198"]);
  const [last, ...beyond] = (await allOf(session, "holding:65535")).nodes;
  assert.deepEqual([last?.id, beyond], ["holding:65535", []]);
  assert.ok(last?.alternatives?.every(({ dataType }) => !dataType.includes("32")), "there is no register behind it");
});

Deno.test("Modbus browse ends a page early in a table full of holes, and goes on with the next", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "holding", from: 0, to: 998, code: 2 });
  await using session = await browse(server);
  const first = await session.children(
    { under: "holding:0-999", after: undefined, limit: 1000, listenMs: 0 },
    AbortSignal.timeout(10_000),
  );
  assert.ok(server.requests <= 402, `${server.requests} requests`);
  assert.notEqual(first.next, undefined);
  assert.deepEqual((await allOf(session, "holding:0-999")).nodes.map(({ id }) => id), ["holding:999"]);
});

Deno.test("Modbus browse says so when the unit does not answer", async () => {
  await using server = startModbusServer();
  server.silence(7);
  await using session = await browse(server);
  await assert.rejects(allOf(session, "7/holding:0"), (error) => (
    error instanceof ConnectionError && /^Unit 7 did not answer within 100 ms; check the unit id/.test(error.message)
  ));
  assert.equal((await allOf(session, "holding:0")).nodes.length, 1, "the session goes on with other units");
});

Deno.test("Modbus browse throws the signal's reason, and goes on afterwards", async () => {
  await using server = startModbusServer();
  server.spoil({ kind: "late", ms: 50 });
  await using session = await browse(server);
  const request = { under: "holding:0-9", after: undefined, limit: 1000, listenMs: 0 };
  const reason = new Error("enough");
  const stop = new AbortController();
  const page = session.children(request, stop.signal);
  stop.abort(reason);
  await assert.rejects(page, reason);
  const since = performance.now();
  await eventually("the late answer to pass", async () => {
    assert.equal((await allOf(session, "holding:0-9")).nodes.length, 10);
    return performance.now() - since > 100;
  });
});
