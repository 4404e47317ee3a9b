/** The OPC UA source where its requests are spaced (`requests_per_second`). */
import assert from "node:assert/strict";
import { opcuaAdapter } from "../../src/sources/opcua/mod.ts";
import { FakePace } from "../fakes/pace.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { eventually } from "../wait.ts";
import {
  type Bench,
  type Block,
  connect,
  counter,
  numbersOf,
  openBench,
  openProxy,
  read,
  settings,
} from "./opcua_bench.ts";

/** A source whose requests go when the test lets them. */
function paced(bench: Bench, block: Block, endpoint = bench.server.endpoint) {
  const pace = new FakePace();
  const deps = fakeSourceDeps({ home: bench.home, pace });
  const config = { name: "press", endpoint, labels: {}, settings: settings(block) };
  return { pace, deps, source: opcuaAdapter().create(config, deps) };
}

Deno.test("OpcuaSource connects however slowly requests may go, and reads its nodes once each request had its turn", async () => {
  await using bench = await openBench();
  const { pace, deps, source: made } = paced(bench, { nodes: [counter(0), { node_id: "ns=1;s=none" }] });
  await using source = made;
  await connect(source);
  const reading = read(source, (readings) => readings.length >= 3);
  for (let allowed = 0; allowed < 5; allowed++) {
    await eventually("the next request waits for its turn", () => pace.asked === allowed + 1);
    assert.deepEqual(deps.events, []);
    pace.allow(1);
  }
  await reading;
  await eventually("the node that is not there is told", () => deps.events.length === 1);
});

Deno.test("OpcuaSource that has not found its nodes yet ends when it is disposed of", async () => {
  await using bench = await openBench();
  const { pace, source } = paced(bench, {});
  await connect(source);
  await eventually("the first request waits for its turn", () => pace.asked === 1);
  const reading = Array.fromAsync(source.batches(AbortSignal.timeout(20_000)));
  await source[Symbol.asyncDispose]();
  assert.deepEqual(await reading, []);
});

for (const [what, requests] of Object.entries({ "while nodes are found": 1, "while they are watched": 4 })) {
  Deno.test(`OpcuaSource is mended, and asks again, where the connection breaks with a request out ${what}`, async () => {
    await using bench = await openBench();
    await using proxy = openProxy(bench.server.port);
    const { pace, deps, source: made } = paced(bench, { repair_timeout_seconds: 15 }, proxy.endpoint);
    await using source = made;
    await connect(source);
    const reading = read(source, (readings) => readings.length >= 10);
    pace.allow(requests);
    await eventually("the request waits for its turn", () => pace.asked === requests + 1);
    proxy.freeze(true);
    pace.allow(1);
    await new Promise((resolve) => setTimeout(resolve, 0));
    proxy.cut();
    proxy.freeze(false);
    pace.allow(1000);
    const numbers = numbersOf(await reading);
    assert.equal(new Set(numbers).size, numbers.length, "no value comes twice");
    assert.deepEqual(deps.events.map(({ kind }) => kind), ["repairing", "repaired"]);
  });
}
