/** Many filters and many messages. MQTT_LOAD_SECONDS=60 for longer. */
import assert from "node:assert/strict";
import { TAGS } from "../bench/rows.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { PeerProcess } from "../peers/process.ts";
import { connectedSource } from "./mqtt_session.ts";

const SECONDS = Number(Deno.env.get("MQTT_LOAD_SECONDS") ?? 5);
const RATE = 20_000;
const FILTERS = 50;

Deno.test(`mosquitto: ${FILTERS} filters at ${RATE} messages a second lose none and take a bounded memory`, async () => {
  await using broker = await Mosquitto.start();
  const deps = fakeSourceDeps();
  const topics = Array.from({ length: FILTERS }, (_, i) => ({ topic: `plant/line1/sensor${i}`, qos: 0 }));
  const payload = { format: "json", value: "$.v", timestamp: "$.ts", unit: "$.u" };
  const endpoint = `mqtt://127.0.0.1:${broker.port}`;
  await using source = await connectedSource({ endpoint, settings: { topics, payload }, deps });
  const total = RATE * SECONDS;
  const published = total * TAGS / FILTERS; // to all tags; a filter takes one
  const script = new URL("../bench/publisher.ts", import.meta.url).pathname;
  const args = ["run", "-A", script, ...[broker.port, RATE * TAGS / FILTERS, published].map(String)];
  const { peer } = await PeerProcess.start(Deno.execPath(), { args, ready: /^publishing$/ });
  await using _publisher = peer;
  const before = Deno.memoryUsage().rss;
  let most = before;
  let count = 0;
  for await (const batch of source.batches(AbortSignal.timeout((SECONDS + 30) * 1000))) {
    batch.ack();
    count += batch.readings.length;
    most = Math.max(most, Deno.memoryUsage().rss);
    if (count >= total) break;
  }
  assert.deepEqual([count, deps.events], [total, []]);
  const grownMb = (most - before) / 1e6;
  assert.ok(grownMb < 200, `the process grew by ${grownMb.toFixed(0)} MB`);
});

Deno.test("mosquitto: ten times as many filters take no more than some ten times as long at start", async () => {
  await using broker = await Mosquitto.start();
  const endpoint = `mqtt://127.0.0.1:${broker.port}`;
  const connectMs = async (count: number) => {
    const topics = Array.from({ length: count }, (_, i) => ({ topic: `plant/${i}/+/#`, qos: 1 }));
    const startMs = performance.now();
    await using source = await connectedSource({ endpoint, settings: { topics, clean_session: true } });
    const ms = performance.now() - startMs;
    assert.ok(source);
    return ms;
  };
  await connectMs(100); // what is loaded only once
  const few = await connectMs(1000);
  const many = await connectMs(10_000);
  assert.ok(many < Math.max(few, 50) * 40, `1,000 filters take ${few.toFixed(0)} ms, and 10,000 ${many.toFixed(0)} ms`);
});
