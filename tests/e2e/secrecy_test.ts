/** What somebody who gets hold of the spool's files can read: no name, no value, no credential. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startOpcuaServer } from "../peers/opcua_server.ts";
import { startZerobus, type StoredRow, type ZerobusPeer } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import type { Connector } from "./connector.ts";
import { startConnector, stopBalanced } from "./stand.ts";

const CREDENTIALS = {
  broker: { username: "edge-operator", password: "s3cret-of-the-broker" },
  server: { username: "press-operator", password: "s3cret-of-the-server" },
};
/** What a counter of the server begins with; it grows by one. */
const OPCUA_START = 3_141_590_000;
const METER_VALUE = 1_313_162_316;
/** In every row, and in none of the files. The first digits of the server's values stand for all of them. */
const IN_ROWS = {
  "source names": ["hall-seven-line", "hall-seven-press", "hall-seven-meters"],
  "tag names": ["plant/furnace-east", "counter-of-strokes", "energy-of-oven"],
  "labels": ["Muster-SPS-4000"],
  "values": ["text-of-a-sensor", "314159", String(METER_VALUE)],
};
const IN_LETTERS = ["plant/furnace-broken", "no JSON at all", "a-reason-of-the-service"];
const TABLES = ["opcua_bronze", "mqtt_bronze", "modbus_bronze"];

for (const compression of [true, false]) {
  Deno.test(`Files of the spool show nothing of three protocols' rows and dead letters (compression: ${compression})`, async () => {
    await using stack = new AsyncDisposableStack();
    const rows: StoredRow[] = [];
    const zerobus = stack.use(await startZerobus({ keep: (_table, row) => void rows.push(row) }));
    zerobus.poison((_table, row) => row.value === 666 ? "field value: a-reason-of-the-service" : undefined);
    const { sources, env, send } = await startPlant(stack);
    const settings = `backpressure: { disk_spool: { compression: ${compression}, reserve_mb: 1 } }`;
    const options = { zerobus, sources, env, settings };
    let connector: Connector = await startConnector(options);
    stack.defer(() => connector[Symbol.asyncDispose]());
    await eventually("all three deliver", () => connectedSources(connector), 30_000);
    await send("furnace-east", '{"v":"text-of-a-sensor"}', '{"v":666}');
    await send("furnace-broken", "no JSON at all");
    await eventually("there are dead letters", async () => await ledger(connector, "dead_lettered") === 2, 20_000);
    await eventually("all kinds arrived", () => missingIn(rows).length === 0, 20_000);

    zerobus.withholdAcks();
    await send("furnace-east", ...Array.from({ length: 200 }, (_, i) => `{"v":"text-of-a-sensor ${i}"}`));
    await eventually("rows wait", async () => await ledger(connector, "spooled") > 200, 20_000);
    const files = assertSecret(connector.home, zerobus);
    assert.ok(files.some((name) => name.endsWith("-wal")), `there is a write-ahead log among ${files}`);
    await connector.kill();
    assertSecret(connector.home, zerobus);
    await damageOneChunk(connector.home);
    connector = await startConnector(options, connector.home);
    zerobus.releaseAcks();
    await eventually("a chunk is in quarantine", async () => await ledger(connector, "quarantined") > 0, 20_000);
    await eventually("what waited is gone", async () => await ledger(connector, "spooled") < 10, 20_000);
    assertSecret(connector.home, zerobus);
    assert.equal((await stopBalanced(connector)).dead_lettered, 2);
    assertSecret(connector.home, zerobus);
  });
}

/** Starts three devices, and says how a connector reads them. `send` publishes to a topic below `plant`. */
async function startPlant(stack: AsyncDisposableStack) {
  const { broker: user, server: operator } = CREDENTIALS;
  const broker = stack.use(await Mosquitto.start({ credentials: user }));
  const meter = stack.use(startModbusServer());
  meter.setRegister("holding", 0, METER_VALUE >>> 16, METER_VALUE & 0xffff);
  const users = { [operator.username]: operator.password };
  const server = stack.use(await startOpcuaServer({ nodes: 0, startAt: OPCUA_START, intervalMs: 50, users }));
  server.addCounter("counter-of-strokes");
  const publisher = stack.use(await connectPublisher(broker.port, user));
  const labels = "labels: { plc_model: Muster-SPS-4000 }";
  const sources = [
    `{ name: hall-seven-line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ${labels}, ` +
    `mqtt: { username: ${user.username}, password: "\${MQTT_PASSWORD}", payload: { format: json, value: $.v }, ` +
    `topics: [{ topic: "plant/#" }] } }`,
    `{ name: hall-seven-press, protocol: opcua, endpoint: "${server.endpoint}", ${labels}, ` +
    `opcua: { security_policy: None, allow_plain_password: true, username: ${operator.username}, ` +
    `password: "\${OPCUA_PASSWORD}", nodes: [{ node_id: "ns=1;s=counter-of-strokes", sampling_interval_ms: 50 }] } }`,
    `{ name: hall-seven-meters, protocol: modbus, endpoint: "modbus+tcp://127.0.0.1:${meter.port}", ${labels}, ` +
    `modbus: { poll_interval_seconds: 0.05, registers: [{ name: energy-of-oven, address: 0, data_type: uint32 }] } }`,
  ];
  const send = async (name: string, ...payloads: readonly string[]) => {
    await Promise.all(payloads.map((payload) => publisher.publish(`plant/${name}`, payload)));
  };
  return { sources, send, env: { MQTT_PASSWORD: user.password, OPCUA_PASSWORD: operator.password } };
}

async function connectedSources(connector: Connector): Promise<boolean> {
  const { sources } = await connector.health() as { sources: Record<string, { state: string }> };
  return Object.values(sources).every(({ state }) => state === "connected");
}

async function ledger(connector: Connector, state: string): Promise<number> {
  return await connector.metric(`connector_ledger_records{state="${state}"}`) ?? 0;
}

/** What ought to be in the rows and is not there: the search below looks for what does exist. */
function missingIn(rows: readonly StoredRow[]): string[] {
  const bytes = new TextEncoder().encode(JSON.stringify(rows, (_, value) => (
    typeof value === "bigint" ? String(value) : value
  )));
  return Object.values(IN_ROWS).flat().filter((text) => !contains(bytes, utf8(text)));
}

/** Searches every file of the spool; resolves with their names. */
function assertSecret(home: string, { clientId, clientSecret }: ZerobusPeer): string[] {
  const credentials = [...Object.values(CREDENTIALS).flatMap((each) => Object.values(each)), clientId, clientSecret];
  const texts = [...Object.values(IN_ROWS).flat(), ...IN_LETTERS, ...TABLES, ...credentials];
  const needles = [
    ...texts.flatMap((text) => [{ text, bytes: utf8(text) }, { text, bytes: utf8([...text].join("\0")) }]),
    { text: "a value as a double", bytes: new Uint8Array(new Float64Array([METER_VALUE]).buffer) },
    { text: "the spool's key", bytes: Deno.readFileSync(`${home}/certs/spool_encryption.key`) },
  ];
  const files = [...Deno.readDirSync(`${home}/spool`)].map(({ name }) => name);
  for (const name of files) {
    const content = Deno.readFileSync(`${home}/spool/${name}`);
    for (const { text, bytes } of needles) assert.ok(!contains(content, bytes), `${name} shows ${text}`);
  }
  return files;
}

function contains(bytes: Uint8Array, needle: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(needle);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Changes a byte of a chunk that nothing was sent of. */
async function damageOneChunk(home: string): Promise<void> {
  using kv = await Deno.openKv(`${home}/spool/spool.db`);
  const chunks = await Array.fromAsync(kv.list<Uint8Array>({ prefix: ["chunk"] }));
  const last = chunks.at(-1);
  assert.ok(last, "there is a chunk");
  last.value[40]! ^= 1;
  await kv.set(last.key, last.value);
}
