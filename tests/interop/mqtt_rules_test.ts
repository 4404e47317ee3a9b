/** What a broker decides: whose session it is, what may be subscribed, which messages come again. */
import assert from "node:assert/strict";
import { ConnectionError, type EdgeError } from "../../src/core/error.ts";
import { adapter } from "../../src/sources/mqtt/mod.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { type FakeSourceDeps, fakeSourceDeps } from "../fakes/source_deps.ts";
import { FakeSourceMemory } from "../fakes/source_memory.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { connectedSource, connectPublisher, failureOf, readBatches, readingsOf } from "./mqtt_session.ts";

for (const version of [5, 4] as const) {
  Deno.test(`mosquitto: a second client with our id ends the session, and we say what to look for, version ${version}`, async () => {
    await using broker = await Mosquitto.start();
    const options = { endpoint: `mqtt://127.0.0.1:${broker.port}`, settings: { protocol_version: version } };
    await using first = await connectedSource(options);
    const end = failureOf(readBatches(first, 1));
    await using second = await connectedSource(options);
    const failure = await end;
    assert.ok(failure instanceof ConnectionError, String(failure));
    assert.match(failure.message, /another client uses our client id iot-connector-01234567-plant/);
    assert.ok(second);
  });

  Deno.test(`mosquitto: a fight for our client id is told apart from a lost connection, and not fought on, version ${version}`, async () => {
    await using broker = await Mosquitto.start();
    const settings = mqttSettings.parse({ topics: [{ topic: "plant/#" }], protocol_version: version });
    const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${broker.port}`, labels: {}, settings };
    const { create } = adapter();
    const failures: EdgeError[] = [];
    for (let i = 0; i < 3; i++) {
      await using source = create(config, fakeSourceDeps());
      await source.connect(AbortSignal.timeout(10_000));
      const end = failureOf(readBatches(source, 1));
      await using _other = await connectedSource({
        endpoint: config.endpoint,
        settings: { protocol_version: version },
      });
      failures.push(await end);
    }
    assert.deepEqual(failures.map(({ disposition }) => disposition), ["retry", "retry", "halt"]);
    assert.match(failures[2]?.message ?? "", /3 times in a row, .* give each its own client_id/);
  });

  Deno.test(`mosquitto: retained messages come ${version === 5 ? "once per session" : "at every connection"}, version ${version}`, async () => {
    await using broker = await Mosquitto.start();
    const options = { endpoint: `mqtt://127.0.0.1:${broker.port}`, settings: { protocol_version: version } };
    await using publisher = await connectPublisher(broker.port);
    await publisher.publish("plant/mode", "auto", { retain: true });
    const seen: string[][] = [];
    for (const _ of ["new session", "known session"]) {
      await using source = await connectedSource(options);
      await publisher.publish("plant/end", "end");
      const texts: string[] = [];
      while (texts.at(-1) !== "end") {
        texts.push(...readingsOf(await readBatches(source, 1)).map(({ text }) => `${text}`));
      }
      seen.push(texts);
    }
    assert.deepEqual(seen, [["auto", "end"], version === 5 ? ["end"] : ["auto", "end"]]);
  });
}

Deno.test("mosquitto: warns when the broker grants less than was asked for", async () => {
  await using broker = await Mosquitto.start({ lines: ["max_qos 0"] });
  const deps = fakeSourceDeps();
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings: {}, deps });
  assert.ok(source);
  const warnings = deps.log.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  assert.deepEqual(warnings, ["The broker grants only QoS 0 for plant/#"]);
});

Deno.test("mosquitto: sends a message once when one of our filters covers another, read as the first entry says", async () => {
  await using broker = await Mosquitto.start();
  const payload = { format: "json", value: "$.v" };
  const topics = [{ topic: "plant/oven", qos: 1, payload }, { topic: "plant/#", qos: 1 }, { topic: "plant/+", qos: 0 }];
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings: { topics } });
  await using publisher = await connectPublisher(broker.port);
  await publisher.publish("plant/oven", '{"v":7}');
  await publisher.publish("plant/hall", "8");
  assert.deepEqual(readingsOf(await readBatches(source, 2)).map(({ value }) => value), [7, 8]);
});

Deno.test("mosquitto: sends a message once for each of our filters that match it where none covers the other", async () => {
  await using broker = await Mosquitto.start();
  const topics = [{ topic: "plant/+/t", qos: 1 }, { topic: "plant/oven/+", qos: 1 }];
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings: { topics } });
  await using publisher = await connectPublisher(broker.port);
  await publisher.publish("plant/oven/t", "7");
  await publisher.publish("plant/hall/t", "8");
  assert.deepEqual(readingsOf(await readBatches(source, 3)).map(({ value }) => value), [7, 7, 8]);
});

for (const version of [4, 5] as const) {
  Deno.test(`mosquitto: changed topics of a kept session take effect, over a restart too, version ${version}`, async () => {
    await using broker = await Mosquitto.start();
    const seen = tagsOf(broker.port, version);
    const memory = new FakeSourceMemory();
    const deps = () => fakeSourceDeps({ memory });
    assert.deepEqual(await seen(["plant/#", "office/+"], deps()), ["plant/oven", "office/hall"]);
    assert.deepEqual(await seen(["office/+", "yard/gate"], deps()), ["office/hall", "yard/gate"]);
    assert.deepEqual(await seen(["yard/#"], deps()), ["yard/gate"]);
  });
}

Deno.test("mosquitto: a filter that nobody remembers stays with the session: its messages are taken, and one line says so", async () => {
  await using broker = await Mosquitto.start();
  const seen = tagsOf(broker.port, 5);
  await seen(["plant/#"], fakeSourceDeps());
  const deps = fakeSourceDeps();
  assert.deepEqual(await seen(["office/#"], deps), ["plant/oven", "office/hall"]);
  const warnings = deps.log.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /of topic plant\/oven, which no entry of topics matches: .* use another client_id/);
});

/** What a source of these filters gets of four topics, each published to once while it is connected. */
function tagsOf(port: number, protocol_version: 4 | 5) {
  return async (filters: readonly string[], deps: FakeSourceDeps): Promise<string[]> => {
    const topics = [...filters, "end"].map((topic) => ({ topic, qos: 1 }));
    const settings = { protocol_version, topics };
    await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${port}`, settings, deps });
    await using publisher = await connectPublisher(port);
    for (const topic of ["plant/oven", "office/hall", "yard/gate", "end"]) await publisher.publish(topic, "1");
    const tags: string[] = [];
    while (tags.at(-1) !== "end") tags.push(...readingsOf(await readBatches(source, 1)).map(({ tag }) => tag));
    return tags.slice(0, -1);
  };
}
