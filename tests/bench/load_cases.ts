/** Many devices at once, through the whole connector: what memory and CPU time they take, and whether all of it comes. */
import { Mosquitto } from "../peers/mosquitto.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { measureUntil, withConnector } from "./connector.ts";
import { startPublisher } from "./mqtt_case.ts";
import { startOpcuaServer } from "./opcua_case.ts";
import { TAGS } from "./rows.ts";
import type { Result } from "./result.ts";
import type { BenchWorkspace } from "./workspace.ts";

const SECONDS = 10;
const FILTERS = 50;
const FILTERED_RATE = 20_000;
const ITEMS = 20_000;
const CONNECTIONS = 20;
const UNITS = 10;
/** Readings of each unit in a second. */
const UNIT_RATE = 10;

/** 50 filters, each of a topic of its own, among twice as many topics. */
export async function mqttLoad(workspace: BenchWorkspace, name: string): Promise<Result> {
  await using broker = await Mosquitto.start();
  const topics = Array.from({ length: FILTERS }, (_, i) => `{ topic: plant/line1/sensor${i}, qos: 0 }`).join(", ");
  const sources = `sources:
  - { name: bench, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", mqtt: { topics: [${topics}] } }
`;
  const published = FILTERED_RATE * TAGS / FILTERS;
  const until = await workspace.rows() + FILTERED_RATE * SECONDS * 0.98; // the first ones come before the subscription
  return await withConnector(workspace, sources, async (peer) => {
    await peer.line(/Source bench is connected/);
    await using _publisher = await startPublisher(broker.port, published, published * SECONDS);
    return await measureUntil(name, peer, { workspace, until });
  });
}

/** 20,000 items of one server, each with a new value every second. */
export async function opcuaLoad(workspace: BenchWorkspace, name: string): Promise<Result> {
  const { port, peer } = await startOpcuaServer(ITEMS, 1000);
  await using _server = peer;
  const sources = `sources:
  - name: bench
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:${port}
    opcua: { security_policy: None, nodes: [{ browse_path: "0:Root/0:Objects/1:Counters", max_nodes: ${ITEMS} }] }
`;
  const after = await workspace.rows() + ITEMS;
  const span = { workspace, after, until: after + ITEMS * SECONDS };
  return await withConnector(workspace, sources, (connector) => measureUntil(name, connector, span));
}

/** 200 units over 20 connections, one of ten dead, each of the others read ten times a second. */
export async function modbusLoad(workspace: BenchWorkspace, name: string): Promise<Result> {
  await using server = startModbusServer();
  server.silence(UNITS);
  const registers = Array.from({ length: UNITS }, (_, i) => `{ name: u${i}, address: 0, slave_id: ${i + 1} }`).join(
    ", ",
  );
  const modbus = `{ poll_interval_seconds: ${1 / UNIT_RATE}, timeout_seconds: 0.1, registers: [${registers}] }`;
  const lines = Array.from({ length: CONNECTIONS }, (_, i) => (
    `  - { name: line${i}, protocol: modbus, endpoint: "modbus+tcp://127.0.0.1:${server.port}", modbus: ${modbus} }`
  ));
  const after = await workspace.rows() + CONNECTIONS * UNITS;
  const span = { workspace, after, until: after + CONNECTIONS * (UNITS - 1) * UNIT_RATE * SECONDS };
  return await withConnector(workspace, `sources:\n${lines.join("\n")}\n`, (peer) => measureUntil(name, peer, span));
}
