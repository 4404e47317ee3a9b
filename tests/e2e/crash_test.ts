/**
 * The connector is killed, again and again, while messages come: what it had taken is in its spool, and the broker sends
 * again what it had not.
 */
import assert from "node:assert/strict";
import { connectPublisher, type Publisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startZerobus, type StoredRow } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import type { Connector } from "./connector.ts";
import { Sequences } from "./sequences.ts";
import { startConnector, stopBalanced } from "./stand.ts";

const MESSAGES = 2000;
const TOPICS = 4;
const KILLS = 5;
/** How long a connector lives at most before it is killed, from its first line. */
const LIFE_MS = 1500;
/** With the delay of acknowledgements this slows delivery, so that messages are under way at each kill. */
const RECEIVE_MAXIMUM = 20;
const ACK_DELAY_MS = 50;

Deno.test("Every QoS 1 message arrives, in order, although the connector is killed five times at random moments", async () => {
  await using stack = new AsyncDisposableStack();
  const arrived = new Sequences();
  const makers = new Set<string>();
  const keep = (_table: string, row: StoredRow) => {
    arrived.add(String(row.topic), Number(row.value), `${row.boot_epoch} ${row.seq}`);
    makers.add(`${row.edge_id} ${row.boot_epoch}`);
  };
  const zerobus = stack.use(await startZerobus({ ackDelayMs: ACK_DELAY_MS, keep }));
  const broker = stack.use(await Mosquitto.start());
  const sources = [
    `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ` +
    `mqtt: { receive_maximum: ${RECEIVE_MAXIMUM}, topics: [{ topic: "plant/#", qos: 1 }] } }`,
  ];
  let connector: Connector = await startConnector({ zerobus, sources });
  stack.defer(() => connector[Symbol.asyncDispose]());
  const boots = [bootOf(connector)];
  await connector.logged(/Source line is connected/);
  const publisher = stack.use(await connectPublisher(broker.port));
  const publishing = publishAll(publisher, () => arrived.arrived);
  for (let kill = 0; kill < KILLS; kill++) {
    const dieMs = performance.now() + Math.random() * LIFE_MS;
    await eventually("its moment has come", () => performance.now() >= dieMs);
    await connector.kill();
    connector = await startConnector({ zerobus, sources }, connector.home);
    boots.push(bootOf(connector));
  }
  await publishing;
  await eventually("all arrived", () => arrived.arrived === MESSAGES, 30_000);
  await stopBalanced(connector);
  console.log(`${arrived.redelivered} redelivered and ${arrived.resent} resent in ${KILLS} kills`);
  assert.deepEqual(arrived.faults, []);
  for (let t = 0; t < TOPICS; t++) assert.equal(arrived.highest(`plant/t${t}`), MESSAGES / TOPICS);
  assert.ok(arrived.redelivered <= KILLS * RECEIVE_MAXIMUM, `${arrived.redelivered} redelivered`);
  assert.ok(arrived.resent > 0, "rows were under way when it was killed");
  assert.deepEqual(new Set(boots.map(({ edgeId }) => edgeId)).size, 1, "it stays the same installation");
  for (const [i, { epoch }] of boots.entries()) assert.ok(i === 0 || epoch > boots[i - 1]!.epoch, "epochs grow");
  const known = new Set(boots.map(({ edgeId, epoch }) => `${edgeId} ${epoch}`));
  assert.ok(makers.isSubsetOf(known), "rows say which start made them");
  assert.ok(makers.size > 1);
});

/** What its first line says of who it is. */
function bootOf(connector: Connector): { edgeId: string; epoch: number } {
  const line = connector.log.find(({ message }) => message === "The connector starts");
  return { edgeId: String(line?.edge_id), epoch: Number(line?.boot_epoch) };
}

/**
 * Publishes the numbers 1, 2, 3, … to each topic, ahead of what has arrived by as much as may be under way: of a longer
 * queue mosquitto 2.0.11 sends more at once than the client's receive maximum.
 */
async function publishAll(publisher: Publisher, arrived: () => number): Promise<void> {
  for (let n = 1; n <= MESSAGES / TOPICS; n++) {
    await eventually("there is room ahead", () => n * TOPICS <= arrived() + RECEIVE_MAXIMUM, 60_000);
    for (let t = 0; t < TOPICS; t++) await publisher.publish(`plant/t${t}`, String(n));
  }
}
