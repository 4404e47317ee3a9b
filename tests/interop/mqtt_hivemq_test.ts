/** The same source against another broker. It takes seconds to start, so one serves all steps. */
import assert from "node:assert/strict";
import { ConfigError, ConnectionError } from "../../src/core/error.ts";
import type { Source } from "../../src/core/source.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { FakeSourceMemory } from "../fakes/source_memory.ts";
import { HiveMq } from "../peers/hivemq.ts";
import { eventually } from "../wait.ts";
import { connectedSource, connectPublisher, failureOf, readBatches, readingsOf } from "./mqtt_session.ts";

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

Deno.test("HiveMQ", async (t) => {
  await using broker = await HiveMq.start();
  const endpoint = `mqtt://127.0.0.1:${broker.port}`;
  const webSocket = `ws://127.0.0.1:${broker.webSocketPort}/mqtt`;

  for (const version of [4, 5] as const) {
    for (const [at, qos] of [[endpoint, 0], [endpoint, 1], [endpoint, 2], [webSocket, 1], [webSocket, 2]] as const) {
      const transport = at.split(":")[0];
      await t.step(`reads QoS ${qos} through ${transport} in order, none twice, version ${version}`, async () => {
        await using publisher = await connectPublisher(broker.port);
        const topics = [{ topic: "plant/#", qos }, { topic: "plant/+/value", qos }];
        const settings = { protocol_version: version, clean_session: true, topics };
        await using source = await connectedSource({ endpoint: at, settings });
        await publisher.numbers("plant/oven/value", 500, { qos });
        const readings = readingsOf(await readBatches(source, 500));
        assert.deepEqual(readings.map(({ value }) => value), numbers(500));
        assert.ok(readings.every((reading) => reading.qos === qos));
      });
    }
  }

  await t.step("says that another client has our id", async () => {
    await using first = await connectedSource({ endpoint, settings: {} });
    const end = failureOf(readBatches(first, 1));
    await using _second = await connectedSource({ endpoint, settings: {} });
    const failure = await end;
    assert.ok(failure instanceof ConfigError, String(failure));
    assert.equal(failure.code, "mqtt_taken_over");
  });

  await t.step("shares the messages of a group, each to one member", async () => {
    await using publisher = await connectPublisher(broker.port);
    const settings = (client_id: string) => ({ client_id, topics: [{ topic: "$share/edge/yard/#", qos: 1 }] });
    await using one = await connectedSource({ endpoint, settings: settings("one") });
    await using two = await connectedSource({ endpoint, settings: settings("two") });
    const values: number[] = [];
    const stop = new AbortController();
    const reading = Promise.all([one, two].map((source) => collect(source, values, stop.signal)));
    await publisher.numbers("yard/gate", 100);
    await eventually("all are here", () => values.length >= 100);
    stop.abort();
    await reading;
    assert.deepEqual(values.sort((a, b) => a - b), numbers(100));
  });

  await t.step("marks a retained message", async () => {
    await using publisher = await connectPublisher(broker.port);
    await publisher.publish("office/mode", "auto", { retain: true });
    const topics = [{ topic: "office/#", qos: 1 }];
    await using source = await connectedSource({ endpoint, settings: { client_id: "new", topics } });
    const [reading] = readingsOf(await readBatches(source, 1));
    assert.deepEqual([reading?.text, reading?.isRetained], ["auto", true]);
  });

  const versions = [4, 5] as const;
  const kept = versions.map((version) => ({
    topic: `kept-${version}/oven`,
    settings: {
      protocol_version: version,
      receive_maximum: 50,
      client_id: `kept-${version}`,
      topics: [{ topic: `kept-${version}/#`, qos: 1 }],
    },
    deps: fakeSourceDeps({ memory: new FakeSourceMemory() }),
  }));
  await t.step("keeps what is not acknowledged over a crash of its own, in order, both versions", async () => {
    for (const { topic, ...options } of kept) await leaveUnread(broker.port, topic, { endpoint, ...options });
    await broker.kill();
    await broker.startAgain();
    for (const { settings, deps } of kept) {
      await using source = await connectedSource({ endpoint, settings, deps });
      const values = readingsOf(await readBatches(source, 90)).map(({ value }) => value);
      assert.deepEqual(values.slice(0, 90), numbers(90, 10));
    }
  });

  await t.step("is unsubscribed from what left the configuration, both versions", async () => {
    await using publisher = await connectPublisher(broker.port);
    for (const { topic: gone, settings, deps } of kept) {
      const topics = [{ topic: "hall/#", qos: 1 }];
      await using source = await connectedSource({ endpoint, settings: { ...settings, topics }, deps });
      for (const topic of [gone, "hall/gate"]) await publisher.publish(topic, "1");
      assert.deepEqual(readingsOf(await readBatches(source, 1)).map(({ tag }) => tag), ["hall/gate"]);
    }
  });
});

/** Publishes 100 numbers for a session of these settings that takes only the first 10. */
async function leaveUnread(port: number, topic: string, options: Parameters<typeof connectedSource>[0]): Promise<void> {
  await using publisher = await connectPublisher(port);
  await using source = await connectedSource(options);
  await publisher.numbers(topic, 10);
  await readBatches(source, 10);
  await publisher.numbers(topic, 90, { from: 10 });
  const reason = new ConnectionError("test", "the reader gives up");
  await readBatches(source, 10, (batch) => batch.nack(reason));
}

async function collect(source: Source, values: number[], signal: AbortSignal): Promise<void> {
  for await (const batch of source.batches(signal)) {
    batch.ack();
    values.push(...readingsOf([batch]).map(({ value }) => value ?? -1));
  }
}
