import assert from "node:assert/strict";
import { FakeClock } from "../../../../tests/fakes/clock.ts";
import { eventually } from "../../../../tests/wait.ts";
import { fakeSourceDeps } from "../../../../tests/fakes/source_deps.ts";
import type { MqttMessage } from "../message.ts";
import { mqttSettings } from "../settings.ts";
import { SparkplugHost } from "./host.ts";
import { KnownNodes } from "./known_nodes.ts";

/** A host application whose broker takes what it sends and acknowledges it when told to. */
function standOf(clock: FakeClock) {
  const sent: boolean[] = [];
  const settings = mqttSettings.parse({ topics: [{ topic: "spBv1.0/#" }], sparkplug: { host_id: "edge" } });
  const config = { name: "plant", endpoint: "mqtt://127.0.0.1", labels: {}, settings };
  const acknowledged = Promise.withResolvers<void>();
  const host = new SparkplugHost(config, fakeSourceDeps({ clock }), {
    nodes: new KnownNodes({ maxNodes: 1, maxMetrics: 1 }),
    send: (_topic, payload) => {
      sent.push(JSON.parse(String(payload)).online);
      return acknowledged.promise;
    },
  });
  return { host, sent, acknowledge: acknowledged.resolve };
}

Deno.test("SparkplugHost waits a second for the answer to its last word, no longer", async () => {
  const clock = new FakeClock();
  const { host, sent } = standOf(clock);
  void host.goOnline();
  let isGone = false;
  const gone = host.goOffline().then(() => isGone = true);
  await clock.advance(999);
  assert.equal(isGone, false);
  await clock.advance(1);
  await gone;
  assert.deepEqual(sent, [true, false]);
  assert.equal(clock.sleeping, 0);
});

Deno.test("SparkplugHost does not say that it is there once it went, however late the broker answers SUBSCRIBE", async () => {
  const { host, sent, acknowledge } = standOf(new FakeClock());
  acknowledge();
  await host.goOffline();
  await host.goOnline();
  assert.deepEqual(sent, []);
});

const OFFLINE: MqttMessage = {
  topic: "spBv1.0/STATE/edge",
  payload: new TextEncoder().encode('{"online":false,"timestamp":1}'),
  payloadBytes: 30,
  qos: 0,
  isRetained: false,
  isRedelivered: false,
  packetId: 0,
};

Deno.test("SparkplugHost corrects what others say of its state once a second, and once more after the last", async () => {
  const clock = new FakeClock();
  const { host, sent, acknowledge } = standOf(clock);
  acknowledge();
  await host.goOnline();
  for (let i = 0; i < 1000; i++) host.sees(OFFLINE);
  await eventually("it has corrected it", () => clock.sleeping === 1);
  await clock.advance(999);
  assert.deepEqual(sent, [true, true]);
  await clock.advance(1);
  assert.deepEqual(sent, [true, true, true]);
  await clock.advance(10_000);
  assert.deepEqual(sent, [true, true, true]);
  host.sees(OFFLINE);
  assert.deepEqual(sent, [true, true, true, true], "at once");
  await host.goOffline();
  assert.deepEqual([clock.sleeping, sent.length], [0, 5]);
});

Deno.test("SparkplugHost has one correction under way at most, however late the broker acknowledges it", async () => {
  const clock = new FakeClock();
  const { host, sent, acknowledge } = standOf(clock);
  const online = host.goOnline();
  host.sees(OFFLINE);
  host.sees(OFFLINE);
  await clock.advance(60_000);
  assert.deepEqual(sent, [true, true]);
  acknowledge();
  await online;
  await eventually("it is corrected", () => clock.sleeping === 1);
  await host.goOffline();
});
