/** Messages and rows that cannot be used, among others that can: each is a dead letter, and stops nothing. */
import assert from "node:assert/strict";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startZerobus } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import { Arrivals, counterSource, saidOnce, startConnector, stopBalanced } from "./stand.ts";

interface BadPayload {
  readonly name: string;
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly code: string;
  readonly says: RegExp;
}

const PAYLOADS: readonly BadPayload[] = [
  {
    name: "no JSON where JSON is wanted",
    topic: "plant/json",
    payload: "21.5 degrees",
    code: "mqtt_not_json",
    says: /topic plant\/json is not JSON: publish JSON, or set payload\.format to auto or text/,
  },
  {
    name: "JSON without the value",
    topic: "plant/json",
    payload: '{"n":1}',
    code: "mqtt_path_missing",
    says: /topic plant\/json has nothing at \$\.v: mend the publisher, or set payload\.value/,
  },
  {
    name: "bytes that are no UTF-8 where text is wanted",
    topic: "plant/text",
    payload: Uint8Array.of(0x32, 0xff, 0xfe),
    code: "mqtt_not_text",
    says: /topic plant\/text is not UTF-8 text: publish text, or set payload\.format to auto/,
  },
  {
    name: "20 MiB",
    topic: "plant/oven",
    payload: new Uint8Array(20 * 1024 * 1024),
    code: "mqtt_payload_too_long",
    says:
      /topic plant\/oven has 20971520 bytes and at most 1048576 are taken: publish less at once, or raise max_payload_kb/,
  },
];

/** Fewer than there are bad messages: one that was not acknowledged would soon stop the topic. */
const RECEIVE_MAXIMUM = 2;

function lineSource(port: number): string {
  const topics = '{ topic: "plant/json", payload: { format: json, value: "$.v" } }, ' +
    '{ topic: "plant/text", payload: { format: text } }, { topic: "plant/oven" }, { topic: "plant/good" }';
  return `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${port}", ` +
    `mqtt: { receive_maximum: ${RECEIVE_MAXIMUM}, topics: [${topics}] } }`;
}

Deno.test("A payload that cannot be used is a dead letter that says why, is acknowledged, and the other messages arrive", async (t) => {
  await using stack = new AsyncDisposableStack();
  const arrivals = new Arrivals();
  const zerobus = stack.use(await startZerobus({ keep: arrivals.keep }));
  const broker = stack.use(await Mosquitto.start());
  const modbus = stack.use(startModbusServer());
  modbus.count("holding", 0);
  const sources = [lineSource(broker.port), counterSource("meters", { port: modbus.port, address: 0 })];
  const connector = stack.use(await startConnector({ zerobus, sources }));
  await connector.logged(/Source line is connected/);
  const publisher = stack.use(await connectPublisher(broker.port));
  let published = 0;
  for (const { name, topic, payload, code, says } of PAYLOADS) {
    await t.step(name, async () => {
      for (let i = 0; i <= RECEIVE_MAXIMUM; i++) await publisher.publish(topic, payload);
      await publisher.numbers("plant/good", 20, { from: published });
      published += 20;
      await eventually("the good ones", () => arrivals.of("mqtt_bronze").arrived === published, 20_000);
      const counter = `connector_dead_letters_total{source="line",code="${code}"}`;
      await eventually("all are counted", async () => await connector.metric(counter) === RECEIVE_MAXIMUM + 1);
      const [first] = connector.log.filter((line) => line.code === code);
      assert.deepEqual([first?.source, first?.tag], ["line", topic]);
      assert.match(first?.message ?? "", /^A reading of source line is now a dead letter: /);
      assert.match(first?.message ?? "", says);
      assert.equal((await connector.health()).status, "healthy", "a bad message is no fault of the connector");
      await arrivals.more("modbus_bronze");
    });
  }
  await t.step("everything else is whole, and the ledger balances", async () => {
    const last = await stopBalanced(connector);
    arrivals.assertWhole();
    const rows = arrivals.of("mqtt_bronze").arrived + arrivals.of("modbus_bronze").arrived;
    assert.equal(last.written, rows);
    assert.equal(last.dead_lettered, PAYLOADS.length * (RECEIVE_MAXIMUM + 1));
    assert.equal(arrivals.of("mqtt_bronze").redelivered, 0);
  });
});

Deno.test("A row that the service refuses is a dead letter with the service's words, and all others arrive in order", async () => {
  await using stack = new AsyncDisposableStack();
  const arrivals = new Arrivals();
  const zerobus = stack.use(await startZerobus({ keep: arrivals.keep, ackDelayMs: 20 }));
  zerobus.poison((_table, row) => Number(row.value) === 666 ? "field value: 666 is not allowed here" : undefined);
  const broker = stack.use(await Mosquitto.start());
  const modbus = stack.use(startModbusServer());
  modbus.count("holding", 0);
  const line = `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ` +
    'mqtt: { topics: [{ topic: "plant/#" }] } }';
  const sources = [line, counterSource("meters", { port: modbus.port, address: 0 })];
  const connector = stack.use(await startConnector({ zerobus, sources }));
  await connector.logged(/Source line is connected/);
  const publisher = stack.use(await connectPublisher(broker.port));
  await publisher.numbers("plant/oven", 1000, { from: 1_000_000 });
  await publisher.publish("plant/poison", "666");
  await publisher.numbers("plant/oven", 1000, { from: 1_001_000 });
  await eventually("all others", () => arrivals.of("mqtt_bronze").arrived === 2000, 20_000);
  const said = await saidOnce(connector, {
    of: "line",
    code: "zerobus_row_refused",
    says:
      /now a dead letter: Zerobus refused the row: status 3 Schema validation failed: field value: 666 is not allowed/,
  });
  assert.equal(said.tag, "plant/poison");
  await arrivals.more("modbus_bronze");
  const last = await stopBalanced(connector);
  arrivals.assertWhole();
  assert.equal(last.dead_lettered, 1);
  assert.equal(last.written, 2000 + arrivals.of("modbus_bronze").arrived);
});
