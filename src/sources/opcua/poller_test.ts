import { NodeId } from "node-opcua-client";
import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { FakePace } from "../../../tests/fakes/pace.ts";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { Deadbands } from "./deadbands.ts";
import type { Item } from "./item_list.ts";
import { nodeSettings } from "./node_settings.ts";
import { Poller, type PollerOptions } from "./poller.ts";

await hostNameAsked();

const NO_VALUES = { values: [], refusals: [], end: 0 };

/** A poller of three nodes each second, two in a call; what happened to it, and when in milliseconds. */
async function begin(
  read: PollerOptions["read"],
  { isWatching = true, pace }: { isWatching?: boolean; pace?: FakePace } = {},
) {
  const clock = new FakeClock();
  const happened: string[] = [];
  const note = (what: string) => void happened.push(`${clock.monotonicMs()} ${what}`);
  const services = { read: () => assert.fail("no range is asked for"), translate: () => assert.fail("no path") };
  const limits = { monitoredItems: 1, browse: 1, translate: 1, read: 2 };
  const poller = new Poller({
    clock,
    pace,
    intervalMs: 1000,
    limits,
    answerMs: 5000,
    deadbands: new Deadbands({ services, limits, log: new FakeLogger() }),
    read: (nodes) => {
      note(`read ${nodes.map(({ handle }) => handle)}`);
      return read(nodes);
    },
    onData: () => {},
    onSkipped: (count, cause) => note(`${count} ${cause}`),
    onLost: (why) => note(why),
  });
  const items: readonly Item[] = [0, 1, 2].map((handle) => ({
    handle,
    nodeId: new NodeId(),
    settings: nodeSettings.parse({ node_id: `i=${handle}` }),
    tag: { name: `i=${handle}`, nodeId: `i=${handle}`, namespace: 0, browsePath: undefined, labels: {} },
  }));
  if (isWatching) await poller.watch(items);
  // What is asked for goes out within a turn of the event loop.
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  const ask = async () => {
    poller.ask();
    await turn();
  };
  return { clock, poller, happened, items, ask, turn };
}

Deno.test("Poller reads all nodes once an interval, in as few calls as the server takes", async () => {
  const { clock, poller, happened, items, ask } = await begin(() => Promise.resolve(NO_VALUES));
  await ask();
  await clock.advance(1500);
  await poller.unwatch(items.slice(0, 1));
  await clock.advance(500);
  poller.stop();
  await clock.advance(5000);
  assert.deepEqual(happened, ["0 read 0,1", "0 read 2", "1000 read 0,1", "1000 read 2", "2000 read 1,2"]);
});

Deno.test("Poller reads nodes as soon as it is given the first, however long the interval goes on", async () => {
  const { clock, poller, happened, items, ask, turn } = await begin(() => Promise.resolve(NO_VALUES), {
    isWatching: false,
  });
  await ask();
  await clock.advance(1700);
  assert.deepEqual(happened, []);
  await poller.watch(items.slice(0, 1));
  await turn();
  await clock.advance(1100);
  poller.stop();
  assert.deepEqual(happened, ["1700 read 0", "2700 read 0"]);
});

Deno.test("Poller leaves out polls that fall due while one is under way, and counts them", async () => {
  const { clock, poller, happened, ask } = await begin(async (nodes) => {
    if (nodes.length === 1) await clock.sleep(clock.monotonicMs() === 0 ? 3500 : 0);
    return NO_VALUES;
  });
  await ask();
  await clock.advance(4000);
  poller.stop();
  assert.deepEqual(happened, [
    "0 read 0,1",
    "0 read 2",
    "3500 2 too_slow",
    "3500 read 0,1",
    "3500 read 2",
    "4000 read 0,1",
    "4000 read 2",
  ]);
});

Deno.test("Poller leaves out polls while nobody takes values, and counts them when it goes on", async () => {
  const { clock, poller, happened, ask } = await begin(() => Promise.resolve(NO_VALUES));
  await ask();
  await clock.advance(100);
  poller.hold();
  await clock.advance(7000);
  assert.equal(poller.isSilent, false);
  await ask();
  poller.stop();
  assert.deepEqual(happened.slice(2), ["7100 7 queue_full", "7100 read 0,1", "7100 read 2"]);
});

Deno.test("Poller takes a server for silent that does not answer in time, and for broken before that", async () => {
  const { clock, poller, ask } = await begin(() => new Promise(() => {}));
  await ask();
  await clock.advance(5900);
  assert.deepEqual([poller.isSilent, poller.breakReason], [false, "the server said nothing for 5.9 s"]);
  await clock.advance(200);
  assert.equal(poller.isSilent, true);
  poller.stop();
});

Deno.test("Poller does not take a server for silent while a Read waits for its turn, or none is due", async () => {
  const pace = new FakePace();
  const { clock, poller, happened, ask, turn } = await begin(() => Promise.resolve(NO_VALUES), { pace });
  await ask();
  for (const reads of [0, 1, 2]) {
    assert.equal(happened.filter((what) => what.includes(" read ")).length, reads);
    await clock.advance(60_000);
    assert.deepEqual([poller.isSilent, poller.breakReason], [false, "the connection broke"]);
    pace.allow(1);
    await turn();
  }
  poller.stop();
});

Deno.test("Poller takes a server for silent whose Read failed without an answer and is not mended", async () => {
  const { clock, poller, ask } = await begin(() => Promise.reject(new Error("Connection Break")));
  await ask();
  await clock.advance(5900);
  assert.equal(poller.isSilent, false);
  await clock.advance(200);
  assert.equal(poller.isSilent, true);
  poller.stop();
});

Deno.test("Poller asks for half as many where the server takes fewer than it states, and tells a refusal", async () => {
  let status = "BadTooManyOperations";
  const { clock, happened, ask } = await begin((nodes) => {
    const isRefused = status !== "BadTooManyOperations" || nodes.length > 1;
    return isRefused ? Promise.reject(new Error(`serviceResult = ${status}`)) : Promise.resolve(NO_VALUES);
  });
  await ask();
  await clock.advance(500);
  status = "BadSessionIdInvalid";
  await clock.advance(500);
  assert.deepEqual(happened, [
    "0 read 0,1",
    "0 read 0",
    "0 read 1",
    "0 read 2",
    "1000 read 0",
    "1000 the server does not answer a Read: BadSessionIdInvalid",
  ]);
});
