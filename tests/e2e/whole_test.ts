/**
 * A plant for a minute: three sources into one workspace, while the service rotates and times out, the broker and the
 * OPC UA server restart. Every number must arrive, in order, and the ledger must balance.
 */
import assert from "node:assert/strict";
import mqtt from "mqtt";
import { ModbusServer, startModbusServer } from "../peers/modbus_server.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { freePort, PeerProcess } from "../peers/process.ts";
import { startZerobus, type StoredRow, STREAM_TIMEOUT, type ZerobusPeer } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";
import { Sequences } from "./sequences.ts";

const TOPICS = 20;
const MESSAGES = 200_000;
const NODES = 1000;
const REGISTERS = 100;
const RUN_MS = 60_000;
const OPCUA_SERVER = new URL("../peers/opcua_server.ts", import.meta.url).pathname;

interface Tables {
  readonly mqtt: Sequences;
  readonly opcua: Sequences;
  readonly modbus: Sequences;
  /** Rows whose columns are not what the device sent, in words. */
  readonly odd: string[];
}

Deno.test("Everything that three sources send for a minute arrives once, in order, over restarts and rotations", async () => {
  await using peers = new AsyncDisposableStack();
  const tables = { mqtt: new Sequences(), opcua: new Sequences(), modbus: new Sequences(), odd: [] };
  const zerobus = peers.use(await startZerobus({ ackDelayMs: 50, keep: (table, row) => take(tables, table, row) }));
  const broker = peers.use(await Mosquitto.start({ isPersistent: true, lines: ["autosave_interval 1"] }));
  const modbus = peers.use(startModbusServer());
  for (let i = 0; i < REGISTERS; i++) modbus.count("holding", i * 2);
  const opcuaPort = freePort();
  let opcua = await startOpcua(opcuaPort, 1);
  peers.defer(() => opcua[Symbol.asyncDispose]());
  const connector = peers.use(await startConnector({ zerobus, broker, modbus, opcuaPort }));
  await eventually("the session at the broker is there", () => isConnected(connector, "line"), 30_000);
  await eventually("the server is read", () => isConnected(connector, "press"), 30_000);
  opcua.kill("SIGUSR2");
  await eventually("all sources deliver", () => least(tables) > 0, 30_000);

  const startedMs = performance.now();
  const publishing = publish(broker.port);
  await reach(startedMs, 0.2);
  zerobus.strike({ kind: "close_signal", graceMs: 5000 });
  await reach(startedMs, 0.35);
  zerobus.strike({ kind: "status", status: STREAM_TIMEOUT });
  await reach(startedMs, 0.5);
  await broker.stop("SIGTERM");
  await broker.start();
  await reach(startedMs, 0.7);
  const pausedAt = await pause(opcua);
  await eventually("the server's last values arrived", () => tables.opcua.least(NODES) >= pausedAt, 30_000);
  await opcua[Symbol.asyncDispose]();
  const before = tables.opcua.redelivered;
  opcua = await startOpcua(opcuaPort, pausedAt);
  // Whoever subscribes is told first where the counters stand: that number is known already.
  await eventually("it is read again", () => tables.opcua.redelivered >= before + NODES, 60_000);
  opcua.kill("SIGUSR2");
  await reach(startedMs, 1);
  await publishing;
  const lastAt = await pause(opcua);
  await eventually("every message arrived", () => tables.mqtt.arrived >= MESSAGES, 60_000);
  await eventually("the server's last values arrived", () => tables.opcua.least(NODES) >= lastAt, 30_000);
  assert.equal(await connector.stop(), 0);

  report(tables, lastAt);
  for (const table of [tables.mqtt, tables.opcua, tables.modbus]) assert.deepEqual(table.faults.slice(0, 10), []);
  assert.deepEqual(tables.odd.slice(0, 10), []);
  assert.equal(tables.mqtt.arrived, MESSAGES);
  for (let t = 0; t < TOPICS; t++) assert.equal(tables.mqtt.highest(`plant/t${t}`), MESSAGES / TOPICS);
  const last = connector.log.at(-1);
  assert.equal(last?.balanced, true);
  assert.equal(last?.queued, 0);
  assert.deepEqual([last?.dropped, last?.dead_lettered], [0, 0]);
  const { mqtt: m, opcua: o, modbus: r } = tables;
  const rows = [m, o, r].reduce((sum, table) => sum + table.arrived + table.redelivered, 0);
  assert.equal(last?.written, rows, "the ledger counts each row once");
});

/** Books a row of the workspace: which tag, which number, whether its columns are right. */
function take(tables: Tables, table: string, row: StoredRow): void {
  const identity = `${row.edge_id} ${row.boot_epoch} ${row.seq}`;
  const ageMs = Date.now() - Number(row.event_time) / 1000;
  if (!(ageMs > -1000 && ageMs < 120_000)) tables.odd.push(`event_time ${row.event_time} in ${table}`);
  if (table.endsWith("mqtt_bronze")) {
    if (row.qos !== 1 || row.unit !== "degC" || row.source_name !== "line") tables.odd.push(`${row.topic} ${row.qos}`);
    tables.mqtt.add(String(row.topic), Number(row.value), identity);
  } else if (table.endsWith("opcua_bronze")) {
    if (row.status !== "Good" || row.value_type !== "UInt32" || row.value !== String(row.value_num)) {
      tables.odd.push(`${row.node_id} ${row.status} ${row.value_type} ${row.value}`);
    }
    tables.opcua.add(String(row.node_id), Number(row.value_num), identity);
  } else {
    if (row.register_type !== "holding" || row.slave_id !== 1) tables.odd.push(`${row.sensor_name} ${row.slave_id}`);
    tables.modbus.add(String(row.sensor_name), Number(row.value), identity);
  }
}

function least({ opcua, modbus }: Tables): number {
  return Math.min(opcua.least(NODES), modbus.least(REGISTERS));
}

async function isConnected(connector: Connector, name: string): Promise<boolean> {
  const { sources } = await connector.health() as { sources: Record<string, { state: string }> };
  return sources[name]?.state === "connected";
}

interface Plant {
  readonly zerobus: ZerobusPeer;
  readonly broker: Mosquitto;
  readonly modbus: ModbusServer;
  readonly opcuaPort: number;
}

function startConnector({ zerobus, broker, modbus, opcuaPort }: Plant): Promise<Connector> {
  const registers = Array.from(
    { length: REGISTERS },
    (_, i) => `{ name: r${i}, address: ${i * 2}, data_type: uint32 }`,
  );
  const yaml = `version: 1
security: { ca_bundle_path: certs/workspace.pem }
zerobus:
  workspace_host: ${zerobus.workspaceHost}
  zerobus_endpoint: ${zerobus.zerobusEndpoint}
  workspace_id: "${zerobus.workspaceId}"
  auth: { client_id: "${zerobus.clientId}", client_secret: "\${DATABRICKS_CLIENT_SECRET}" }
sources:
  - name: line
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${broker.port}
    mqtt:
      topics: [{ topic: "plant/+", qos: 1, payload: { format: json, value: "$.n", unit: "$.u" } }]
  - name: press
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:${opcuaPort}
    opcua:
      security_policy: None
      subscription: { publishing_interval_ms: 250, queue_size: 100 }
      nodes: [{ browse_path: "0:Root/0:Objects/1:Counters", sampling_interval_ms: 0 }]
  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${modbus.port}
    modbus:
      poll_interval_seconds: 0.1
      registers:
${registers.map((register) => `        - ${register}`).join("\n")}
`;
  return Connector.start({
    yaml,
    files: { "certs/workspace.pem": zerobus.caPem },
    env: { DATABRICKS_CLIENT_SECRET: zerobus.clientSecret },
    ports: { gui: freePort(), metrics: freePort() },
  });
}

async function startOpcua(port: number, startAt: number): Promise<PeerProcess> {
  const args = [
    "run",
    "-A",
    OPCUA_SERVER,
    "--port",
    port,
    "--nodes",
    NODES,
    "--interval",
    100,
    "--start-at",
    startAt,
    "--paused",
  ];
  const { peer } = await PeerProcess.start(Deno.execPath(), { args: args.map(String), ready: /listening on/ });
  return peer;
}

/** Stops the counters. Says how far they came. */
async function pause(opcua: PeerProcess): Promise<number> {
  opcua.kill("SIGUSR1");
  return Number((await opcua.line(/paused at (\d+)/))[1]);
}

/** Publishes the numbers 1, 2, 3, … to each topic with QoS 1, spread over the run. Resolves when the broker has all. */
async function publish(port: number): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 100, queueQoSZero: false });
  const startMs = performance.now();
  const acknowledged: Promise<unknown>[] = [];
  for (let n = 1; n <= MESSAGES / TOPICS; n++) {
    const dueMs = startMs + (n * TOPICS * RUN_MS) / MESSAGES;
    await eventually("its time has come", () => performance.now() >= dueMs);
    const payload = JSON.stringify({ n, u: "degC" });
    for (let t = 0; t < TOPICS; t++) acknowledged.push(client.publishAsync(`plant/t${t}`, payload, { qos: 1 }));
  }
  await Promise.all(acknowledged);
  await client.endAsync();
}

async function reach(startedMs: number, part: number): Promise<void> {
  const dueMs = startedMs + part * RUN_MS;
  await eventually(`${part} of the run`, () => performance.now() >= dueMs, RUN_MS * 2);
}

function report({ mqtt, opcua, modbus }: Tables, lastAt: number): void {
  for (const [name, table] of Object.entries({ mqtt, opcua, modbus })) {
    const { arrived, resent, redelivered } = table;
    console.log(`${name}: ${arrived} arrived, ${resent} resent, ${redelivered} redelivered`);
  }
  console.log(`each OPC UA counter came to ${lastAt}, each Modbus counter to ${modbus.least(REGISTERS)}`);
}
