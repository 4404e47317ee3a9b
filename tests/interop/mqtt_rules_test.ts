/** What a broker decides: whose session it is, what may be subscribed, which messages come again. */
import assert from "node:assert/strict";
import { ConnectionError } from "../../src/core/error.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
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

Deno.test("mosquitto: sends a message once for each of our filters that match it", async () => {
  await using broker = await Mosquitto.start();
  const topics = [{ topic: "plant/#", qos: 1 }, { topic: "plant/oven", qos: 1 }];
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings: { topics } });
  await using publisher = await connectPublisher(broker.port);
  await publisher.publish("plant/oven", "7");
  await publisher.publish("plant/hall", "8");
  assert.deepEqual(readingsOf(await readBatches(source, 3)).map(({ value }) => value), [7, 7, 8]);
});

Deno.test("mosquitto: keeps a filter of an earlier configuration with the session, and forgets it with another client id", async () => {
  await using broker = await Mosquitto.start();
  const endpoint = `mqtt://127.0.0.1:${broker.port}`;
  await using publisher = await connectPublisher(broker.port);
  const tagsWith = async (settings: Record<string, unknown>): Promise<string[]> => {
    await using source = await connectedSource({ endpoint, settings });
    for (const topic of ["office/hall", "plant/oven"]) await publisher.publish(topic, "1");
    await publisher.publish("office/end", "0");
    const tags: string[] = [];
    while (tags.at(-1) !== "office/end") tags.push(...readingsOf(await readBatches(source, 1)).map(({ tag }) => tag));
    return tags;
  };
  await (await connectedSource({ endpoint, settings: {} }))[Symbol.asyncDispose](); // subscribed to plant/#
  const topics = [{ topic: "office/#", qos: 1 }];
  assert.deepEqual(await tagsWith({ topics }), ["office/hall", "plant/oven", "office/end"]);
  assert.deepEqual(await tagsWith({ topics, client_id: "another" }), ["office/hall", "office/end"]);
});
