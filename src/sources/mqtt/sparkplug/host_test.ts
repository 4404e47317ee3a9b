import assert from "node:assert/strict";
import { FakeClock } from "../../../../tests/fakes/clock.ts";
import { fakeSourceDeps } from "../../../../tests/fakes/source_deps.ts";
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
