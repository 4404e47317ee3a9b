/** The state that we publish as a host application, as a broker hands it on. */
import assert from "node:assert/strict";
import { TcpRelay } from "../integration/tcp_relay.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { eventually } from "../wait.ts";
import { connectedSource } from "./mqtt_session.ts";
import { observe, SPARKPLUG_TOPICS } from "./sparkplug_session.ts";

const STATE = "spBv1.0/STATE/edge";

Deno.test("mosquitto: our last word says offline when the connection is cut, with the time of our birth", async () => {
  await using broker = await Mosquitto.start();
  await using observer = await observe(broker, STATE);
  const relay = await TcpRelay.to(broker.port);
  const settings = { topics: SPARKPLUG_TOPICS, sparkplug: { host_id: "edge" } };
  await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${relay.port}`, settings });
  assert.ok(source);
  await relay[Symbol.asyncDispose]();
  await eventually("the broker has published it", () => observer.messages.length > 1);
  const states = observer.messages.map(({ payload }) => JSON.parse(payload));
  assert.deepEqual(states.map(({ online }) => online), [true, false]);
  assert.equal(states[1].timestamp, states[0].timestamp);
});

for (const topic of ["spBv1.0/#", "spBv1.0/plant/#"]) {
  Deno.test(`mosquitto: a last word of ours that comes late is corrected, with the topics ${topic}`, async () => {
    await using broker = await Mosquitto.start();
    const settings = { topics: [{ ...SPARKPLUG_TOPICS[0], topic }], sparkplug: { host_id: "edge" } };
    await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings });
    assert.ok(source);
    await using observer = await observe(broker, STATE);
    await observer.publish(STATE, '{"online":false,"timestamp":1}');
    await eventually("we say that we are there", () => observer.messages.length > 2);
    const states = observer.messages.map(({ payload }) => JSON.parse(payload).online);
    assert.deepEqual(states, [true, false, true]);
  });
}

Deno.test("mosquitto: without host_id and rebirth_requests nothing is published, whatever comes", async () => {
  await using broker = await Mosquitto.start();
  await using observer = await observe(broker, "#");
  {
    const settings = { topics: SPARKPLUG_TOPICS };
    await using source = await connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings });
    await observer.publish("spBv1.0/plant/NDATA/line1", ""); // no birth of it is known
    const { value } = await source.batches(AbortSignal.timeout(10_000))[Symbol.asyncIterator]().next();
    value.ack();
  }
  await observer.publish("end", "");
  await eventually("all is there", () => observer.messages.at(-1)?.topic === "end");
  assert.deepEqual(observer.messages.map(({ topic }) => topic), ["spBv1.0/plant/NDATA/line1", "end"]);
});
