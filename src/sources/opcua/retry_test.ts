import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { keepRetrying } from "./retry.ts";

interface Failing {
  failures: number;
  hasFailed: boolean;
  readonly triedAt: number[];
}

/** Runs `keepRetrying` over something that fails and never recovers by itself. */
function begin() {
  const clock = new FakeClock();
  const end = new AbortController();
  const items: Failing = { failures: 1, hasFailed: true, triedAt: [] };
  const retried = keepRetrying({
    get failures() {
      return items.failures;
    },
    get hasFailed() {
      return items.hasFailed;
    },
    retry: () => Promise.resolve(void items.triedAt.push(clock.monotonicMs() / 1000)),
  }, { clock, random: () => 0.99, canAsk: () => true, signal: end.signal });
  const stop = async () => {
    end.abort();
    await retried;
  };
  return { clock, items, [Symbol.asyncDispose]: stop };
}

Deno.test("keepRetrying() tries again after pauses that grow", async () => {
  await using bench = begin();
  await bench.clock.advance(62_000);
  assert.deepEqual(bench.items.triedAt, [2, 6, 14, 30, 62]);
});

Deno.test("keepRetrying() tries what has just failed soon, however long something else has been missing", async () => {
  await using bench = begin();
  await bench.clock.advance(62_000);
  bench.items.failures++;
  await bench.clock.advance(3000);
  assert.deepEqual(bench.items.triedAt.slice(5), [65]);
});

Deno.test("keepRetrying() asks for nothing while nothing has failed", async () => {
  await using bench = begin();
  bench.items.hasFailed = false;
  await bench.clock.advance(100_000);
  assert.deepEqual(bench.items.triedAt, []);
});
