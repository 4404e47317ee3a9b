import assert from "node:assert/strict";
import { AuthError, ConfigError, ConnectionError } from "../../src/core/error.ts";
import type { Source } from "../../src/core/source.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { create } from "../../src/sources/mqtt/mod.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { testSourceContract } from "../contract/source.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { startMqttBroker } from "../peers/mqtt_broker.ts";
import { freePort } from "../peers/process.ts";
import { startScriptedBroker } from "../peers/scripted_broker.ts";

function sourceAt(port: number): Source {
  const settings = mqttSettings.parse({ protocol_version: 4, topics: [{ topic: "plant/#" }], clean_session: true });
  return create({ name: "plant", endpoint: `mqtt://127.0.0.1:${port}`, labels: {}, settings }, fakeSourceDeps());
}

testSourceContract({
  name: "MqttSource",
  isLossSeen: true,
  async open() {
    const stack = new AsyncDisposableStack();
    const broker = stack.use(await startMqttBroker());
    const silent = stack.adopt(Deno.listen({ hostname: "127.0.0.1", port: 0 }), (listener) => listener.close());
    return {
      create: () => sourceAt(broker.port),
      createDead: () => sourceAt(freePort()),
      createSilent: () => sourceAt(silent.addr.port),
      produce: () => broker.publish("plant/oven", "21.5"),
      endPeer: async () => await broker[Symbol.asyncDispose](),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
});

Deno.test("MqttSource answers a message that cannot be decoded, and goes on", async () => {
  await using broker = await startMqttBroker();
  const settings = mqttSettings.parse({
    protocol_version: 4,
    topics: [{ topic: "plant/#" }],
    payload: { format: "json", value: "$.v" },
  });
  const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${broker.port}`, labels: {}, settings };
  await using source = create(config, fakeSourceDeps());
  await source.connect(AbortSignal.timeout(10_000));
  await broker.publish("plant/oven", "no JSON");
  await broker.publish("plant/oven", `{"v":${'{"0":'.repeat(20_000)}1${"}".repeat(20_001)}`);
  await broker.publish("plant/oven", '{"v":7}');
  const refused: string[] = [];
  for await (const batch of source.batches(AbortSignal.timeout(10_000))) {
    batch.ack();
    refused.push(...(batch.refusals ?? []).map(({ reason }) => reason.message));
    if (batch.readings.length > 0) break;
  }
  assert.equal(refused.length, 2);
  assert.match(refused[1] ?? "", /topic plant\/oven is nested more than 200 deep/);
  assert.match(refused[0] ?? "", /topic plant\/oven is not JSON: publish JSON, or set payload\.format/);
});

const REFUSALS = [
  [
    0x87,
    AuthError,
    /^Cannot subscribe to office\/#: the broker does not allow it for this user: extend the broker's access/,
  ],
  [
    0x80,
    ConfigError,
    /^Cannot subscribe to office\/#: the broker refuses it with code 0x80: correct the topic, or the/,
  ],
  [
    0x9e,
    ConfigError,
    /^Cannot subscribe to office\/#: the broker has no shared subscriptions: leave \$share\/<group>\/ out/,
  ],
] as const;

for (const [code, kind, says] of REFUSALS) {
  Deno.test(`MqttSource names the topic that the broker refuses with 0x${code.toString(16)}`, async () => {
    await using broker = startScriptedBroker({ subAck: [1, code] });
    const settings = mqttSettings.parse({ topics: [{ topic: "plant/#" }, { topic: "office/#" }] });
    const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${broker.port}`, labels: {}, settings };
    await using source = create(config, fakeSourceDeps());
    const failure = await source.connect(AbortSignal.timeout(10_000)).catch((error) => error);
    assert.ok(failure instanceof kind, String(failure));
    assert.match(failure.message, says);
  });
}

const ENDINGS = [
  [0x8e, ConfigError, "mqtt_taken_over", /another client uses our client id \S+; give each its own client_id/],
  [0x8b, ConnectionError, "mqtt_session_lost", /the broker ended it with reason code 0x8b/],
] as const;

for (const [disconnect, kind, code, says] of ENDINGS) {
  Deno.test(`MqttSource says why the broker ended the session: 0x${disconnect.toString(16)}`, async () => {
    await using broker = startScriptedBroker({ subAck: [1], disconnect });
    const settings = mqttSettings.parse({ topics: [{ topic: "plant/#" }] });
    const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${broker.port}`, labels: {}, settings };
    await using source = create(config, fakeSourceDeps());
    const failure = await connectAndRead(source).catch((error) => error);
    assert.ok(failure instanceof kind, String(failure));
    assert.equal(failure.code, code);
    assert.match(failure.message, says);
  });
}

Deno.test("MqttSource says that the broker answers no PINGREQ", async () => {
  await using broker = startScriptedBroker({ subAck: [1] });
  const settings = mqttSettings.parse({ topics: [{ topic: "plant/#" }], keepalive_seconds: 1 });
  const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${broker.port}`, labels: {}, settings };
  await using source = create(config, fakeSourceDeps());
  const failure = await connectAndRead(source).catch((error) => error);
  assert.ok(failure instanceof ConnectionError, String(failure));
  assert.match(
    failure.message,
    /^Lost the session with \S+: the broker answered no PINGREQ within the keep-alive of 1 s/,
  );
});

Deno.test("MqttSource says that the broker answers no CONNECT", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const clock = { ...systemClock, sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(100, signal) };
  const settings = mqttSettings.parse({ topics: [{ topic: "plant/#" }] });
  const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${silent.addr.port}`, labels: {}, settings };
  await using source = create(config, fakeSourceDeps({ clock }));
  const failure = await source.connect(AbortSignal.timeout(10_000)).catch((error) => error);
  assert.ok(failure instanceof ConnectionError, String(failure));
  assert.match(failure.message, /the broker did not answer within 15 s; check address, port and firewall/);
});

const NO_WEB_SOCKETS = [
  [404, /^Cannot open a WebSocket at ws:\S+\/mqtt: the broker answers 404: correct the path behind the port/],
  [403, /the web server in front of the broker answers 403: it wants a login of its own/],
  [200, /the web server answers 200: check port and path/],
] as const;

for (const [status, says] of NO_WEB_SOCKETS) {
  Deno.test(`MqttSource says why there is no WebSocket: ${status}`, async () => {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    await using server = Deno.serve(options, () => new Response("", { status }));
    const settings = mqttSettings.parse({ topics: [{ topic: "plant/#" }] });
    const config = { name: "plant", endpoint: `ws://127.0.0.1:${server.addr.port}`, labels: {}, settings };
    await using source = create(config, fakeSourceDeps());
    const failure = await source.connect(AbortSignal.timeout(10_000)).catch((error) => error);
    assert.ok(failure instanceof ConfigError, String(failure));
    assert.match(failure.message, says);
  });
}

Deno.test("MqttSource says that a WebSocket server does not speak MQTT", async () => {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, (request) => Deno.upgradeWebSocket(request).response);
  const settings = mqttSettings.parse({ topics: [{ topic: "plant/#" }] });
  const config = { name: "plant", endpoint: `ws://127.0.0.1:${server.addr.port}`, labels: {}, settings };
  await using source = create(config, fakeSourceDeps());
  const failure = await source.connect(AbortSignal.timeout(10_000)).catch((error) => error);
  assert.ok(failure instanceof ConfigError, String(failure));
  assert.match(failure.message, /does not say that it speaks MQTT: check port and path/);
});

const REFUSED_LOGINS = [
  [0x85, ConfigError, /the broker refuses our client id: set client_id/],
  [0x86, AuthError, /refuses user name or password/],
  [0x87, AuthError, /does not let this client in/],
  [0x84, ConfigError, /set protocol_version to the other one, 4 or 5/],
  [0x88, ConnectionError, /reason code 0x88/],
] as const;

for (const [connAck, kind, says] of REFUSED_LOGINS) {
  Deno.test(`MqttSource says why the broker does not let it in: 0x${connAck.toString(16)}`, async () => {
    await using broker = startScriptedBroker({ connAck, subAck: [] });
    const settings = mqttSettings.parse({ topics: [{ topic: "plant/#" }] });
    const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${broker.port}`, labels: {}, settings };
    await using source = create(config, fakeSourceDeps());
    const failure = await source.connect(AbortSignal.timeout(10_000)).catch((error) => error);
    assert.ok(failure instanceof kind, String(failure));
    assert.match(failure.message, says);
  });
}

async function connectAndRead(source: Source): Promise<void> {
  await source.connect(AbortSignal.timeout(10_000));
  for await (const batch of source.batches(AbortSignal.timeout(10_000))) batch.ack();
}
