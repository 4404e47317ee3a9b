/** Order and acknowledgement of Sparkplug messages, which nodes publish with QoS 0 and brokers, as last wills, with QoS 1. */
import assert from "node:assert/strict";
import { ConnectionError } from "../../src/core/error.ts";
import type { Batch } from "../../src/core/reading.ts";
import { adapter } from "../../src/sources/mqtt/mod.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { type PayloadInput, sparkplugPayload } from "../fakes/sparkplug_payload.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { eventually } from "../wait.ts";
import { connectedSource, connectPublisher, type Publisher, readBatches, readingsOf } from "./mqtt_session.ts";
import { readUntil, sensor, short, SPARKPLUG_TOPICS, sparkplugSource } from "./sparkplug_session.ts";

const birth = (bdSeq: number): PayloadInput => ({
  metrics: [{ name: "bdSeq", type: 4, long: bdSeq }, { name: "speed", alias: 1, type: 3, int: bdSeq }],
  seq: 0,
});
const death = (bdSeq: number): PayloadInput => ({ metrics: [{ name: "bdSeq", type: 4, long: bdSeq }] });
const data = (seq: number): PayloadInput => ({ metrics: [{ alias: 1, int: 100 + seq }], seq });

function send(publisher: Publisher, type: string, payload: PayloadInput, qos: 0 | 1 = 0): Promise<void> {
  return publisher.publish(`spBv1.0/g/${type}/n`, sparkplugPayload(payload), { qos });
}

Deno.test("mosquitto: births, data and deaths of different QoS are read in the order in which they came", async () => {
  await using broker = await Mosquitto.start();
  await using source = await sparkplugSource(broker);
  await using publisher = await connectPublisher(broker.port);
  for (let life = 0; life < 20; life++) {
    await send(publisher, "NBIRTH", birth(life));
    await send(publisher, "NDATA", data(1), 1);
    await send(publisher, "NDATA", data(2));
    await send(publisher, "NDEATH", death(life), 1);
  }
  await send(publisher, "NBIRTH", birth(20));
  const { readings, refusals } = await readUntil(source, sensor("bdSeq", 20));
  assert.deepEqual(refusals, []);
  const lives = Array.from({ length: 20 }, (_, life) => [
    ...[["n", "online"], ["bdSeq", life], ["speed", life], ["speed", 101], ["speed", 102]],
    ...[["n", "offline", "Stale"], ["bdSeq", null, "Stale"], ["speed", null, "Stale"]],
  ]).flat();
  assert.deepEqual(readings.map(short).slice(0, lives.length), lives);
});

Deno.test("mosquitto: data that were not acknowledged come again with their names, and are no gap", async () => {
  await using broker = await Mosquitto.start();
  await using publisher = await connectPublisher(broker.port);
  const settings = mqttSettings.parse({ topics: SPARKPLUG_TOPICS });
  const sessions = adapter();
  const deps = fakeSourceDeps();
  const connect = async () => {
    const endpoint = `mqtt://127.0.0.1:${broker.port}`;
    const source = sessions.create({ name: "plant", endpoint, labels: {}, settings }, deps);
    await source.connect(AbortSignal.timeout(10_000));
    return source;
  };
  {
    await using source = await connect();
    await send(publisher, "NBIRTH", birth(0), 1);
    await readUntil(source, sensor("speed"));
    await send(publisher, "NDATA", data(1), 1);
    await send(publisher, "NDATA", data(2), 1);
    await readBatches(source, 2, (batch) => batch.nack(new ConnectionError("test", "the reader gives up")));
  }
  await using source = await connect();
  await send(publisher, "NDATA", data(3), 1);
  const { readings } = await readUntil(source, sensor("speed", 103));
  assert.deepEqual(readings.map(short), [["speed", 101], ["speed", 102], ["speed", 103]]);
  const counted = deps.events.flatMap((event) => event.kind === "device_side" ? [event.what] : []);
  assert.deepEqual([...new Set(counted)], ["redelivered"]);
});

Deno.test("mosquitto: a birth of many metrics is one acknowledgement, and none before all its rows are safe", async () => {
  await using broker = await Mosquitto.start({ lines: ["log_type debug"] });
  await using source = await sparkplugSource(broker);
  await using publisher = await connectPublisher(broker.port);
  const metrics = Array.from({ length: 20_000 }, (_, i) => ({ name: `line/cell/tag${i}`, alias: i, type: 3, int: i }));
  await send(publisher, "NBIRTH", { metrics, seq: 0 }, 1);
  const batches: Batch[] = await readBatches(source, 20_001, () => {});
  const receipts = () => broker.lines.filter((line) => /Received PUBACK from iot-connector/.test(line)).length;
  assert.deepEqual([readingsOf(batches).length, receipts()], [20_001, 0]);
  for (const batch of batches) batch.ack();
  await eventually("the broker has the receipt", () => receipts() === 1);
});

Deno.test("mosquitto: a payload that is no Sparkplug is a dead letter, acknowledged, and blocks nothing", async () => {
  await using broker = await Mosquitto.start();
  const settings = { topics: SPARKPLUG_TOPICS, receive_maximum: 2 };
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings });
  await using publisher = await connectPublisher(broker.port);
  for (let i = 0; i < 5; i++) await publisher.publish("spBv1.0/g/NDATA/n", "no Sparkplug");
  await send(publisher, "NBIRTH", birth(0), 1);
  const { refusals } = await readUntil(source, sensor("speed"));
  assert.deepEqual(refusals.map(({ reason }) => reason.code), Array(5).fill("sparkplug_malformed"));
});
