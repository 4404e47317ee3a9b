/** Topics of a broker, as people see them who look for what to read. */
import assert from "node:assert/strict";
import type { BrowseNode, BrowseSession } from "../../src/core/browse.ts";
import { ConfigError, ConnectionError } from "../../src/core/error.ts";
import { adapter } from "../../src/sources/mqtt/mod.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { connectPublisher, failureOf } from "./mqtt_session.ts";

const NEVER = new AbortController().signal;
const LISTEN = { under: undefined, after: undefined, limit: 1000, listenMs: 500 };

Deno.test("mosquitto: browsing shows topics heard, with a sample, quality of service, retained, rate and the entry for each", async () => {
  await using broker = await Mosquitto.start();
  await using publisher = await connectPublisher(broker.port);
  await publisher.publish("plant/mode", "auto", { retain: true });
  await using session = await browsing(broker.port);
  const page = session.children(LISTEN, NEVER);
  await publishUntil(page, async () => {
    await publisher.publish("plant/oven", '{"v":21.5,"u":"degC"}', { qos: 2 });
    await publisher.publish("plant/level", "7", { qos: 0 });
    await publisher.publish("spBv1.0/g/DDATA/n/d", Uint8Array.of(8, 0xff));
  });
  const { nodes, next } = await page;
  assert.equal(next, undefined);
  assert.deepEqual(nodes.map(({ id, dataType }) => [id, dataType]), [
    ["plant/level", "number"],
    ["plant/mode", "text"],
    ["plant/oven", "json"],
    ["spBv1.0/g/DDATA/n/d", "sparkplug_b"],
  ]);
  const [level, mode, oven, sparkplug] = nodes;
  assert.deepEqual([mode?.sample?.value, mode?.facts?.retained, mode?.facts?.messages_per_second], ["auto", true, 0]);
  assert.deepEqual([oven?.facts?.qos, level?.facts?.qos, oven?.facts?.retained], [2, 0, false]);
  assert.ok(Number(level?.facts?.messages_per_second) > 0);
  assert.deepEqual(oven?.configure?.entry, { topic: "plant/oven", payload: { value: "$.v" } });
  assert.deepEqual(oven?.alternatives?.[0]?.configure.entry, { topic: "plant/oven", payload: { rows: "$" } });
  assert.deepEqual(sparkplug?.configure?.entry, { topic: "spBv1.0/g/DDATA/n/d", payload: { format: "sparkplug_b" } });
  assert.ok(mqttSettings.safeParse({ topics: nodes.map(({ configure }) => configure?.entry) }).success);
});

Deno.test("mosquitto: browsing looks under a topic or a filter, page by page, and again", async () => {
  await using broker = await Mosquitto.start();
  await using publisher = await connectPublisher(broker.port);
  for (const topic of ["plant/a", "plant/b", "plant/b/c", "yard/a"]) {
    await publisher.publish(topic, "1", { retain: true });
  }
  await using session = await browsing(broker.port);
  const ids = (nodes: readonly BrowseNode[]) => nodes.map(({ id }) => id);
  const first = await session.children({ ...LISTEN, under: "plant", limit: 2 }, NEVER);
  assert.deepEqual([ids(first.nodes), first.next], [["plant/a", "plant/b"], "2"]);
  const second = await session.children({ ...LISTEN, under: "plant", after: first.next, limit: 2 }, NEVER);
  assert.deepEqual([ids(second.nodes), second.next], [["plant/b/c"], undefined]);
  const third = session.children({ ...LISTEN, under: "+/a" }, NEVER);
  await publishUntil(third, () => publisher.publish("plant/b", "2"));
  assert.deepEqual(ids((await third).nodes), ["plant/a", "yard/a"], "nothing of what was looked at before");
  const failure = await failureOf(session.children({ ...LISTEN, under: "a/#/b" }, NEVER));
  assert.ok(failure instanceof ConfigError && failure.code === "browse_no_place", String(failure));
});

Deno.test("mosquitto: browsing gives what it has heard when it is stopped, and throws when the broker goes", async () => {
  await using broker = await Mosquitto.start();
  await using publisher = await connectPublisher(broker.port);
  await publisher.publish("plant/a", "1", { retain: true });
  await using session = await browsing(broker.port);
  const long = { ...LISTEN, listenMs: 3_600_000 };
  const { nodes } = await session.children(long, AbortSignal.timeout(300));
  assert.deepEqual(nodes.map(({ id }) => id), ["plant/a"]);
  const end = failureOf(session.children(long, NEVER));
  await broker.stop();
  assert.ok((await end) instanceof ConnectionError);
});

async function browsing(port: number): Promise<BrowseSession> {
  const settings = mqttSettings.parse({
    topics: [{ topic: "unused" }],
    client_id: "iot-connector-test-x",
    clean_session: true,
    session_expiry_seconds: 0,
  });
  const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${port}`, labels: {}, settings };
  const session = adapter().browse!(config, fakeSourceDeps()); // MQTT can
  await session.connect(AbortSignal.timeout(10_000));
  return session;
}

/** Publishes again and again until what listens is done. */
async function publishUntil(done: Promise<unknown>, publish: () => Promise<void>): Promise<void> {
  let isDone = false;
  const end = done.finally(() => isDone = true);
  while (!isDone) {
    await publish();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await end;
}
