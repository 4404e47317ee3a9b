import assert from "node:assert/strict";
import { AuthError, ConfigError } from "../../src/core/error.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { eventually } from "../wait.ts";
import { connectedSource, connectPublisher, failureOf, mqttSource, readBatches, readingsOf } from "./mqtt_session.ts";

const CREDENTIALS = { username: "edge", password: "s3cret" };

for (const version of [4, 5] as const) {
  for (const qos of [0, 1, 2] as const) {
    Deno.test(`mosquitto: reads QoS ${qos} with protocol version ${version}, in order, none twice`, async () => {
      await using broker = await Mosquitto.start();
      const settings = { protocol_version: version, topics: [{ topic: "plant/+/value", qos }] };
      await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings });
      await using publisher = await connectPublisher(broker.port);
      await publisher.numbers("plant/oven/value", 500, { qos });
      await publisher.numbers("elsewhere/oven/value", 1, { qos });
      await publisher.numbers("plant/oven/value", 500, { qos, from: 500 });
      const batches = await readBatches(source, 1000);
      const readings = readingsOf(batches);
      assert.deepEqual(readings.map(({ value }) => value), Array.from({ length: 1000 }, (_, i) => i));
      assert.ok(readings.every((reading) => reading.qos === qos && reading.tag === "plant/oven/value"));
      assert.ok(batches.every(({ isWithheld }) => isWithheld === (qos > 0)));
    });
  }

  Deno.test(`mosquitto: reads over TLS with user and password, protocol version ${version}`, async () => {
    await using secured = await securedBroker();
    const settings = { protocol_version: version, ...CREDENTIALS, ...secured.settings };
    await using source = await connectedSource({ endpoint: `mqtts://localhost:${secured.port}`, ...secured, settings });
    await using publisher = await connectPublisher(secured.port, { ...CREDENTIALS, ca: secured.ca });
    await publisher.numbers("plant/oven", 20);
    assert.equal(readingsOf(await readBatches(source, 20)).length, 20);
  });

  Deno.test(`mosquitto: refuses a wrong password by name, protocol version ${version}`, async () => {
    await using broker = await Mosquitto.start({ credentials: CREDENTIALS });
    const settings = { protocol_version: version, username: "edge", password: "wrong" };
    await using source = mqttSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings });
    const failure = await failureOf(source.connect(AbortSignal.timeout(10_000)));
    assert.ok(failure instanceof AuthError, String(failure));
    assert.match(failure.message, /check username and password/);
    assert.doesNotMatch(failure.message, /wrong/);
  });
}

Deno.test("mosquitto: leaves QoS 2 messages above a sixteenth of max_waiting_mb with the broker over TLS, for longer than the keep-alive", async () => {
  await using secured = await securedBroker();
  let received = 0;
  const nowUs = () => ++received && systemClock.nowUs(); // asked for once per message
  const deps = fakeSourceDeps({ home: secured.home, clock: { ...systemClock, nowUs } });
  const settings = {
    ...CREDENTIALS,
    ...secured.settings,
    keepalive_seconds: 1,
    max_waiting_mb: 16,
    topics: [{ topic: "plant/#", qos: 2 }],
    payload: { format: "text" },
  };
  await using source = await connectedSource({ endpoint: `mqtts://localhost:${secured.port}`, settings, deps });
  await using publisher = await connectPublisher(secured.port, { ...CREDENTIALS, ca: secured.ca });
  const text = (n: number) => `${n}:${"x".repeat(50_000)}`;
  const all = Array.from({ length: 200 }, (_, n) => publisher.publish("plant/camera", text(n), { qos: 2 }));
  await Promise.all(all);
  const start = performance.now();
  await eventually("three keep-alives have passed", () => performance.now() - start > 3000);
  assert.ok(received >= 20 && received < 60, `${received} of 200 messages are here`);
  const readings = readingsOf(await readBatches(source, 200));
  assert.deepEqual(readings.map(({ text }) => text?.split(":")[0]), Array.from({ length: 200 }, (_, i) => `${i}`));
});

Deno.test("mosquitto: refuses a broker whose authority is not the configured one", async () => {
  await using secured = await securedBroker();
  const other = await TestAuthority.create("Other");
  await Deno.writeTextFile(`${secured.home}/ca.crt`, other.certificate);
  await using source = mqttSource({ endpoint: `mqtts://localhost:${secured.port}`, ...secured });
  const failure = await failureOf(source.connect(AbortSignal.timeout(10_000)));
  assert.ok(failure instanceof AuthError, String(failure));
  assert.match(failure.message, /set tls\.ca_cert_path/);
});

Deno.test("mosquitto: refuses a broker whose certificate is for another host, unless server_name names it", async () => {
  await using secured = await securedBroker(["broker.plant.example"]);
  await using source = mqttSource({ endpoint: `mqtts://localhost:${secured.port}`, ...secured });
  const failure = await failureOf(source.connect(AbortSignal.timeout(10_000)));
  assert.ok(failure instanceof ConfigError, String(failure));
  assert.match(failure.message, /another host name: .*tls\.server_name/);
  const tls = { ...secured.settings.tls, server_name: "broker.plant.example" };
  const settings = { ...CREDENTIALS, tls };
  await using named = await connectedSource({ endpoint: `mqtts://localhost:${secured.port}`, ...secured, settings });
  assert.ok(named);
});

Deno.test("mosquitto: names the missing file when the authority cannot be read", async () => {
  await using source = mqttSource({
    endpoint: "mqtts://localhost:1",
    settings: { tls: { ca_cert_path: "certs/none.crt" } },
  });
  const failure = await failureOf(source.connect(AbortSignal.timeout(10_000)));
  assert.ok(failure instanceof ConfigError, String(failure));
  assert.match(failure.message, /tls\.ca_cert_path certs\/none\.crt/);
});

Deno.test("mosquitto: shares the messages of a group", async () => {
  await using broker = await Mosquitto.start();
  const endpoint = `mqtt://127.0.0.1:${broker.port}`;
  const settings = (client_id: string) => ({ client_id, topics: [{ topic: "$share/edge/plant/#", qos: 1 }] });
  await using one = await connectedSource({ endpoint, settings: settings("one") });
  await using two = await connectedSource({ endpoint, settings: settings("two") });
  await using publisher = await connectPublisher(broker.port);
  await publisher.numbers("plant/oven", 100);
  const shares = await Promise.all([readBatches(one, 50), readBatches(two, 50)]);
  const values = shares.flatMap(readingsOf).map(({ value }) => value ?? -1).sort((a, b) => a - b);
  assert.deepEqual(values, Array.from({ length: 100 }, (_, i) => i));
});

async function securedBroker(hosts?: string[]) {
  await using stack = new AsyncDisposableStack();
  const authority = await TestAuthority.create();
  const tls = await authority.issue(hosts ? { hosts } : {});
  const broker = stack.use(await Mosquitto.start({ tls, credentials: CREDENTIALS }));
  const home = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(home, { recursive: true }));
  await Deno.writeTextFile(`${home}/ca.crt`, authority.certificate);
  const settings = { tls: { ca_cert_path: "ca.crt" } };
  const owned = stack.move();
  return {
    port: broker.port,
    ca: authority.certificate,
    home,
    settings,
    deps: fakeSourceDeps({ home }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
