import assert from "node:assert/strict";
import { ConnectionError } from "../../src/core/error.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { eventually } from "../wait.ts";
import { connectedSource, connectPublisher, failureOf, readBatches, readingsOf } from "./mqtt_session.ts";

const NEVER = new AbortController().signal;

Deno.test("mosquitto: delivers what was published while we were away", async () => {
  await using broker = await Mosquitto.start();
  const endpoint = `mqtt://127.0.0.1:${broker.port}`;
  await (await connectedSource({ endpoint, settings: {} }))[Symbol.asyncDispose]();
  await using publisher = await connectPublisher(broker.port);
  await publisher.numbers("plant/oven", 50);
  await using source = await connectedSource({ endpoint, settings: {} });
  assert.equal(readingsOf(await readBatches(source, 50)).length, 50);
});

for (const qos of [1, 2] as const) {
  Deno.test(`mosquitto: sends QoS ${qos} messages again that were not acknowledged, and no others`, async () => {
    await using broker = await Mosquitto.start();
    const endpoint = `mqtt://127.0.0.1:${broker.port}`;
    const settings = { topics: [{ topic: "plant/#", qos }] };
    await using publisher = await connectPublisher(broker.port);
    {
      await using source = await connectedSource({ endpoint, settings });
      await publisher.numbers("plant/oven", 10, { qos });
      await readBatches(source, 10);
      await publisher.numbers("plant/oven", 10, { qos, from: 10 });
      const reason = new ConnectionError("test", "the reader gives up");
      await readBatches(source, 10, (batch) => batch.nack(reason));
    }
    const deps = fakeSourceDeps();
    await using source = await connectedSource({ endpoint, settings, deps });
    await publisher.numbers("plant/oven", 1, { qos, from: 20 });
    const values = readingsOf(await readBatches(source, 11)).map(({ value }) => value);
    assert.deepEqual(values, Array.from({ length: 11 }, (_, i) => 10 + i));
    const redelivered = deps.events.filter((event) => event.kind === "device_side" && event.what === "redelivered");
    assert.equal(redelivered.reduce((sum, event) => sum + (event.kind === "device_side" ? event.count : 0), 0), 10);
  });
}

for (const version of [4, 5] as const) {
  Deno.test(`mosquitto: sends as much as its window while receipts are withheld, then goes on (version ${version})`, async () => {
    await using broker = await Mosquitto.start({ maxInflight: version === 4 ? 30 : 0 });
    const endpoint = `mqtt://127.0.0.1:${broker.port}`;
    const settings = { protocol_version: version, receive_maximum: 30 };
    await using source = await connectedSource({ endpoint, settings });
    await using publisher = await connectPublisher(broker.port);
    for (let from = 0; from < 100; from += 20) await publisher.numbers("plant/oven", 20, { from });
    // QoS 0 is not part of the window: once it is here, all that the broker would send before it is here too.
    await publisher.publish("plant/end", "0", { qos: 0 });
    const batches = source.batches(NEVER)[Symbol.asyncIterator]();
    const withheld = [];
    for (let isEnd = false; !isEnd;) {
      const { value } = await batches.next();
      if (value.isWithheld) withheld.push(value);
      else isEnd = true;
    }
    const rest = batches.next();
    assert.equal(readingsOf(withheld).length, 30);
    for (const batch of withheld) batch.ack();
    const more = [(await rest).value];
    more[0].ack();
    while (readingsOf(more).length < 70) {
      const { value } = await batches.next();
      value.ack();
      more.push(value);
    }
    const values = readingsOf([...withheld, ...more]).map(({ value }) => value);
    assert.deepEqual(values, Array.from({ length: 100 }, (_, i) => i));
    await batches.return?.();
  });
}

Deno.test("mosquitto: a restart ends the session, and the next source has what was published since", async () => {
  await using broker = await Mosquitto.start({ isPersistent: true });
  const endpoint = `mqtt://127.0.0.1:${broker.port}`;
  await using source = await connectedSource({ endpoint, settings: {} });
  const end = failureOf(readBatches(source, 1));
  await broker.stop("SIGTERM");
  assert.ok((await end) instanceof ConnectionError);
  await broker.start();
  await using publisher = await connectPublisher(broker.port);
  await publisher.numbers("plant/oven", 5);
  await using next = await connectedSource({ endpoint, settings: {} });
  assert.equal(readingsOf(await readBatches(next, 5)).length, 5);
});

Deno.test("mosquitto: marks a retained message", async () => {
  await using broker = await Mosquitto.start();
  await using publisher = await connectPublisher(broker.port);
  await publisher.publish("plant/mode", "auto", { retain: true });
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings: {} });
  await publisher.publish("plant/mode", "manual");
  const readings = readingsOf(await readBatches(source, 2));
  assert.deepEqual(readings.map(({ text, isRetained }) => [text, isRetained]), [["auto", true], ["manual", false]]);
});

Deno.test("mosquitto: keeps the session while nobody reads for longer than the keep-alive", async () => {
  await using broker = await Mosquitto.start();
  const deps = fakeSourceDeps();
  const settings = { keepalive_seconds: 1, topics: [{ topic: "plant/#", qos: 0 }], max_waiting_messages: 1000 };
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings, deps });
  await using publisher = await connectPublisher(broker.port);
  const start = performance.now();
  let sent = 0;
  await eventually("three keep-alives have passed", async () => {
    await publisher.numbers("plant/oven", 20, { from: sent, qos: 1 });
    sent += 20;
    return performance.now() - start > 3000;
  });
  const dropped = () => deps.events.reduce((sum, e) => sum + (e.kind === "device_side" ? e.count : 0), 0);
  await eventually("all but the bound is counted as dropped", () => dropped() === sent - 1000);
  const readings = readingsOf(await readBatches(source, 1000));
  assert.deepEqual(readings.map(({ value }) => value), Array.from({ length: 1000 }, (_, i) => i));
  assert.deepEqual(broker.lines.filter((line) => /timeout/.test(line)), []);
});

Deno.test("mosquitto: leaves QoS 1 messages above a sixteenth of max_waiting_mb with the broker, for longer than the keep-alive", async () => {
  await using broker = await Mosquitto.start();
  let received = 0;
  const nowUs = () => ++received && systemClock.nowUs(); // asked for once per message
  const deps = fakeSourceDeps({ clock: { ...systemClock, nowUs } });
  const settings = { keepalive_seconds: 1, max_waiting_mb: 16, payload: { format: "text" } };
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings, deps });
  await using publisher = await connectPublisher(broker.port);
  const text = (n: number) => `${n}:${"x".repeat(50_000)}`;
  for (let n = 0; n < 200; n++) await publisher.publish("plant/camera", text(n));
  const start = performance.now();
  await eventually("three keep-alives have passed", () => performance.now() - start > 3000);
  assert.ok(received >= 20 && received < 60, `${received} of 200 messages are here`);
  const readings = readingsOf(await readBatches(source, 200));
  assert.deepEqual(readings.map(({ text }) => text?.split(":")[0]), Array.from({ length: 200 }, (_, i) => `${i}`));
  assert.deepEqual(broker.lines.filter((line) => /timeout/.test(line)), []);
});

Deno.test("mosquitto: a backlog that is more than may wait comes before the broker's answer to SUBSCRIBE, and is read", async () => {
  await using broker = await Mosquitto.start({ maxInflight: 0 });
  const endpoint = `mqtt://127.0.0.1:${broker.port}`;
  const settings = { protocol_version: 4, max_waiting_mb: 1, payload: { format: "text" } };
  await (await connectedSource({ endpoint, settings }))[Symbol.asyncDispose]();
  await using publisher = await connectPublisher(broker.port);
  const text = (n: number) => `${n}:${"x".repeat(50_000)}`;
  for (let n = 0; n < 200; n++) await publisher.publish("plant/camera", text(n));
  await using source = await connectedSource({ endpoint, settings });
  const readings = readingsOf(await readBatches(source, 200));
  assert.deepEqual(readings.map(({ text }) => text?.split(":")[0]), Array.from({ length: 200 }, (_, i) => `${i}`));
});

Deno.test("mosquitto: a payload of 20 MiB becomes a dead letter, and other topics go on", async () => {
  await using broker = await Mosquitto.start();
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings: {} });
  await using publisher = await connectPublisher(broker.port);
  await publisher.publish("plant/camera", new Uint8Array(20 * 1024 * 1024));
  await publisher.publish("plant/oven", "7");
  const batches = await readBatches(source, 2);
  const [refusal] = batches.flatMap(({ refusals }) => refusals ?? []);
  assert.match(refusal?.reason.message ?? "", /plant\/camera has 20971520 bytes .* raise max_payload_kb/);
  assert.equal(refusal?.payload.length, 65_536);
  assert.deepEqual(readingsOf(batches).map(({ value }) => value), [7]);
});

Deno.test("mosquitto: a payload of 20 MiB is a row where max_payload_kb lets it be", async () => {
  await using broker = await Mosquitto.start();
  const settings = { max_payload_kb: 20 * 1024, payload: { format: "binary" } };
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings });
  await using publisher = await connectPublisher(broker.port);
  const image = new Uint8Array(20 * 1024 * 1024).fill(0xfe);
  await publisher.publish("plant/camera", image);
  const [reading] = readingsOf(await readBatches(source, 1));
  assert.deepEqual(reading?.payload, image);
  assert.ok(reading?.text?.startsWith("/v7+/v7+"));
});
