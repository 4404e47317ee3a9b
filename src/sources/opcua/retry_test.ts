import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { isBreak } from "./errors.ts";
import { keepRetrying } from "./retry.ts";

interface Failing {
  failures: number;
  hasFailed: boolean;
  readonly triedAt: number[];
  outcome(): Promise<void>;
}

function leave(error: unknown): void {
  if (!isBreak(error)) throw error;
}

/** Runs `keepRetrying` over something that fails and never recovers by itself. */
function begin() {
  const clock = new FakeClock();
  const end = new AbortController();
  const items: Failing = { failures: 1, hasFailed: true, triedAt: [], outcome: () => Promise.resolve() };
  const retried = keepRetrying({
    get failures() {
      return items.failures;
    },
    get hasFailed() {
      return items.hasFailed;
    },
    retry: async () => {
      items.triedAt.push(clock.monotonicMs() / 1000);
      await items.outcome();
    },
  }, { clock, random: () => 0.99, canAsk: () => true, leave, signal: end.signal });
  const stop = async () => {
    end.abort();
    await retried;
  };
  return { clock, items, retried, [Symbol.asyncDispose]: stop };
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

Deno.test("keepRetrying() tries again what a broken connection has kept from being done, and gives up for another reason", async () => {
  const { clock, items, retried } = begin();
  items.outcome = () => Promise.reject(new Error("Connection Break"));
  await clock.advance(7000);
  assert.deepEqual(items.triedAt, [2, 6]);
  items.outcome = () => Promise.reject(new Error("serviceResult = BadSessionIdInvalid"));
  const ended = assert.rejects(retried, /BadSessionIdInvalid/);
  await clock.advance(8000);
  await ended;
});
