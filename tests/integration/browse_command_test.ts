/** What `browse` prints of real peers is configuration: put into the file as it stands, it is read. */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { homeWith, outcomeOf } from "../fakes/terminal.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { startMqttBroker } from "../peers/mqtt_broker.ts";
import { startOpcuaServer } from "../peers/opcua_server.ts";

interface Peer extends AsyncDisposable {
  readonly endpoint: string;
  readonly protocol: string;
  readonly list: string;
  /** The block, as long as it lists nothing. */
  readonly block: Record<string, unknown>;
  /** Where to look, in the words of the protocol. */
  readonly under: readonly string[];
}

async function mqtt(): Promise<Peer> {
  const broker = await startMqttBroker();
  await broker.publish("plant/oven", '{"v":21.5}', { isRetained: true });
  await broker.publish("plant/a b/${c}'\"", "7", { isRetained: true });
  const endpoint = `mqtt://127.0.0.1:${broker.port}`;
  const dispose = () => broker[Symbol.asyncDispose]();
  const block = { protocol_version: 4 };
  return { endpoint, protocol: "mqtt", list: "topics", block, under: [], [Symbol.asyncDispose]: dispose };
}

function modbus(): Promise<Peer> {
  const device = startModbusServer();
  device.setRegister("holding", 10, 17, 4711, 3);
  const endpoint = `modbus+tcp://127.0.0.1:${device.port}`;
  const dispose = () => device[Symbol.asyncDispose]();
  const under = ["--under", "holding:10-12"];
  return Promise.resolve({
    endpoint,
    protocol: "modbus",
    list: "registers",
    block: {},
    under,
    [Symbol.asyncDispose]: dispose,
  });
}

async function opcua(): Promise<Peer> {
  const server = await startOpcuaServer({ nodes: 3 });
  const { endpoint } = server;
  const dispose = () => server[Symbol.asyncDispose]();
  const block = { security_policy: "None" };
  const under = ["--under", "0:Root/0:Objects/1:Counters"];
  return { endpoint, protocol: "opcua", list: "nodes", block, under, [Symbol.asyncDispose]: dispose };
}

function fileOf({ protocol, endpoint, block, list }: Peer, entries: readonly unknown[]): string {
  const source = {
    name: "s",
    protocol,
    endpoint,
    enabled: entries.length > 0,
    [protocol]: { ...block, [list]: entries },
  };
  return stringify({ version: 1, local_sink: { enabled: true }, sources: [source] });
}

for (const start of [mqtt, modbus, opcua]) {
  Deno.test(`browse prints what ${start.name} has, and test-source reads it as it was printed`, async () => {
    await using peer = await start();
    await using empty = await homeWith(fileOf(peer, []));
    const found = await outcomeOf(["browse", "s", "--home", empty.path, "--seconds", "1", ...peer.under]);
    assert.equal(found.code, 0, found.err);
    const printed = parse(found.out) as Record<string, unknown[]>; // asserted on below
    const entries = printed[peer.list] ?? [];
    assert.ok(entries.length >= 2, found.out);
    await using home = await homeWith(fileOf(peer, entries));
    const { code, out, err } = await outcomeOf(["test-source", "s", "--home", home.path, "--seconds", "4", "--json"]);
    assert.equal(code, 0, err);
    const lines = out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.ok(new Set(lines.map(({ tag }) => tag)).size >= entries.length, `${found.out}\n${out}`);
    assert.deepEqual(lines.filter((line) => "no_value" in line), []);
  });
}

Deno.test("browse says of a place that is not there how places are written", async () => {
  for (const start of [modbus, opcua]) {
    await using peer = await start();
    await using home = await homeWith(fileOf(peer, []));
    const { code, err } = await outcomeOf(["browse", "s", "--home", home.path, "--under", "nowhere at all"]);
    assert.equal(code, 1);
    const last = err.trimEnd().split("\n").at(-1) ?? ""; // behind the warning that the source lists nothing
    assert.match(last, /nowhere at all/, peer.protocol);
    assert.doesNotMatch(last, /\[object|undefined/);
  }
});
