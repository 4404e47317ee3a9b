/** The workspace is away for longer than memory reaches, and the connector is killed meanwhile. */
import assert from "node:assert/strict";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startZerobus, type StoredRow } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import type { Connector } from "./connector.ts";
import { Sequences } from "./sequences.ts";
import { Arrivals, counterSource, startConnector, stopBalanced } from "./stand.ts";
import { startModbusServer } from "../peers/modbus_server.ts";

/** More than the 10,000 that wait in memory by default. */
const MESSAGES = 14_000;
const TOPICS = 4;
/** Messages that the broker may not have a receipt for at a time. */
const AHEAD = 200;

Deno.test("What was acknowledged to the broker while the workspace was away arrives once it is back, although the connector was killed", async () => {
  await using stack = new AsyncDisposableStack();
  const arrived = new Sequences();
  const keep = (_table: string, row: StoredRow) => {
    arrived.add(String(row.topic), Number(row.value), `${row.boot_epoch} ${row.seq}`);
  };
  const zerobus = stack.use(await startZerobus({ keep }));
  const broker = stack.use(await Mosquitto.start());
  const sources = [
    `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ` +
    `mqtt: { topics: [{ topic: "plant/#", qos: 1 }] } }`,
  ];
  let connector: Connector = await startConnector({ zerobus, sources });
  stack.defer(() => connector[Symbol.asyncDispose]());
  await connector.logged(/Source line is connected/);
  const publisher = stack.use(await connectPublisher(broker.port));
  await zerobus.stop();
  const queued = async () => (await connector.health() as { queue: { queued: number } }).queue.queued;
  for (let n = 1; n <= MESSAGES / TOPICS; n += AHEAD / TOPICS) {
    const numbers = Array.from(
      { length: AHEAD },
      (_, i) => ({ topic: `plant/t${i % TOPICS}`, number: n + (i - i % TOPICS) / TOPICS }),
    );
    await Promise.all(numbers.map(({ topic, number }) => publisher.publish(topic, String(number))));
    await eventually("the connector follows", async () => await queued() >= (n - 1) * TOPICS, 30_000);
  }
  const spooled = () => connector.metric('connector_ledger_records{state="spooled"}');
  await eventually("all are in the spool", async () => await spooled() === MESSAGES, 30_000);
  const unsent = await connector.metric("connector_queue_unsent_rows");
  assert.ok(unsent !== undefined && unsent < 11_000, `${unsent} unsent rows in memory`);
  await connector.kill();
  connector = await startConnector({ zerobus, sources }, connector.home);
  assert.equal((await connector.logged(/The spool holds/)).rows, MESSAGES);
  await zerobus.start();
  await eventually("all arrived", () => arrived.arrived === MESSAGES, 60_000);
  const last = await stopBalanced(connector);
  assert.deepEqual([last.received, last.written], [MESSAGES, MESSAGES]);
  assert.deepEqual(arrived.faults, []);
  assert.equal(arrived.redelivered, 0);
});

Deno.test("Rows of a source that is not configured any more still reach their table after a restart", async () => {
  await using stack = new AsyncDisposableStack();
  const arrivals = new Arrivals();
  const zerobus = stack.use(await startZerobus({ keep: arrivals.keep }));
  const modbus = stack.use(startModbusServer());
  modbus.count("holding", 0);
  const meters = counterSource("meters", { port: modbus.port, address: 0 });
  let connector: Connector = await startConnector({ zerobus, sources: [meters] });
  stack.defer(() => connector[Symbol.asyncDispose]());
  await arrivals.more("modbus_bronze");
  await zerobus.stop();
  const spooled = async () => await connector.metric('connector_ledger_records{state="spooled"}') ?? 0;
  await eventually("rows wait", async () => await spooled() > 20);
  await connector.kill();
  const before = arrivals.of("modbus_bronze").arrived;
  const other = `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:1", mqtt: { topics: [{ topic: "#" }] } }`;
  connector = await startConnector({ zerobus, sources: [other] }, connector.home);
  await zerobus.start();
  await eventually("all arrived", async () => await spooled() === 0, 30_000);
  assert.ok(arrivals.of("modbus_bronze").arrived >= before + 20);
  await stopBalanced(connector);
  arrivals.assertWhole();
});
