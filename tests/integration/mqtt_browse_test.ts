/** Looking at the topics of a broker that does not answer, or goes. */
import assert from "node:assert/strict";
import type { BrowseSession } from "../../src/core/browse.ts";
import { ConnectionError } from "../../src/core/error.ts";
import type { SourceDeps } from "../../src/core/source.ts";
import { adapter } from "../../src/sources/mqtt/mod.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { FakeClock } from "../fakes/clock.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { type Script, startScriptedBroker } from "../peers/scripted_broker.ts";
import { eventually } from "../wait.ts";

const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const LISTEN = { under: undefined, after: undefined, limit: 10, listenMs: 1 };

async function standOf(script: Script, deps: Partial<SourceDeps> = {}) {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(startScriptedBroker(script));
  const settings = mqttSettings.parse({ topics: [{ topic: "unused" }] });
  const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${broker.port}`, labels: {}, settings };
  const session: BrowseSession = stack.use(adapter().browse!(config, fakeSourceDeps(deps))); // MQTT can
  await session.connect(AbortSignal.timeout(10_000));
  return { broker, session, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("MqttBrowse listens no further for an answer to SUBSCRIBE once nobody wants it", async () => {
  await using stand = await standOf({ subAck: [] });
  const stop = new AbortController();
  const failure = stand.session.children(LISTEN, stop.signal).catch((error) => error);
  await eventually("it subscribes", () => stand.broker.packets.at(-1) === SUBSCRIBE);
  stop.abort(new Error("no longer wanted"));
  assert.match(String(await failure), /no longer wanted/);
});

Deno.test("MqttBrowse gives what it has heard though UNSUBSCRIBE is not answered, once nobody waits", async () => {
  await using stand = await standOf({ subAck: [0] });
  const stop = new AbortController();
  const page = stand.session.children(LISTEN, stop.signal);
  await eventually("it unsubscribes", () => stand.broker.packets.at(-1) === UNSUBSCRIBE);
  stop.abort(new Error("no longer wanted"));
  assert.deepEqual(await page, { nodes: [], next: undefined });
});

Deno.test("MqttBrowse leaves no timer behind when the session is lost while it listens", async () => {
  const clock = new FakeClock();
  await using stand = await standOf({ subAck: [0], disconnect: 0x8b }, { clock });
  const failure = await stand.session.children(LISTEN, new AbortController().signal).catch((error) => error);
  assert.ok(failure instanceof ConnectionError, String(failure));
  assert.equal(clock.sleeping, 0);
});
