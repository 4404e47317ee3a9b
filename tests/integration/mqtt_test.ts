import assert from "node:assert/strict";
import type { Source } from "../../src/core/source.ts";
import { create } from "../../src/sources/mqtt/mod.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { testSourceContract } from "../contract/source.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { startMqttBroker } from "../peers/mqtt_broker.ts";
import { freePort } from "../peers/process.ts";

function sourceAt(port: number): Source {
  const settings = mqttSettings.parse({ protocol_version: 4, topics: [{ topic: "plant/#" }], clean_session: true });
  return create({ name: "plant", endpoint: `mqtt://127.0.0.1:${port}`, labels: {}, settings }, fakeSourceDeps());
}

testSourceContract({
  name: "MqttSource",
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
  await broker.publish("plant/oven", '{"v":7}');
  const refused: string[] = [];
  for await (const batch of source.batches(AbortSignal.timeout(10_000))) {
    batch.ack();
    refused.push(...(batch.refusals ?? []).map(({ reason }) => reason.message));
    if (batch.readings.length > 0) break;
  }
  assert.equal(refused.length, 1);
  assert.match(refused[0] ?? "", /topic plant\/oven is not JSON: publish JSON, or set payload\.format/);
});
