/** How a source of MQTT takes leave of a broker that does not answer any more. */
import assert from "node:assert/strict";
import type { Source } from "../../src/core/source.ts";
import { create } from "../../src/sources/mqtt/mod.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { type ScriptedBroker, startScriptedBroker } from "../peers/scripted_broker.ts";
import { eventually } from "../wait.ts";

const PUBLISH = 3;
const DISCONNECT = 14;
/** More than may wait. */
const FLOOD = 500;

/** A source that says of itself whether it is there, which the broker never acknowledges. */
function hostAt({ port }: ScriptedBroker): Source {
  const settings = mqttSettings.parse({
    topics: [{ topic: "spBv1.0/#", payload: { format: "sparkplug_b" } }],
    sparkplug: { host_id: "edge" },
    max_waiting_mb: 1,
  });
  return create({ name: "plant", endpoint: `mqtt://127.0.0.1:${port}`, labels: {}, settings }, fakeSourceDeps());
}

/** @throws when `task` takes more than a few seconds */
async function ends(what: string, task: PromiseLike<unknown>): Promise<void> {
  let isOver = false;
  task.then(() => isOver = true, () => isOver = true);
  await eventually(what, () => isOver, 5000);
}

Deno.test("MqttSource gives up connecting to a broker that does not acknowledge its state, and takes leave", async () => {
  await using broker = startScriptedBroker({ subAck: [0] });
  await using source = hostAt(broker);
  const stop = new AbortController();
  const attempt = source.connect(stop.signal);
  await eventually("it says that it is there", () => broker.packets.at(-1) === PUBLISH);
  stop.abort(new Error("no longer wanted"));
  await ends("connect() gives up", attempt);
  await assert.rejects(attempt, /no longer wanted/);
  await eventually("the broker has read it all", () => broker.packets.at(-1) === DISCONNECT);
  assert.deepEqual(broker.packets.slice(2), [PUBLISH, PUBLISH, DISCONNECT]);
});

Deno.test("MqttSource takes leave at once while more waits than it may read, and nothing is acknowledged", async () => {
  await using broker = startScriptedBroker({ subAck: [0], messages: FLOOD });
  await using source = hostAt(broker);
  await source.connect(AbortSignal.timeout(10_000));
  await ends("dispose() ends", source[Symbol.asyncDispose]());
  await eventually("the broker has read it all", () => broker.packets.at(-1) === DISCONNECT);
  assert.deepEqual(broker.packets.slice(2), [PUBLISH, PUBLISH, DISCONNECT]);
});
