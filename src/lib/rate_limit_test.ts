import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { eventually } from "../../tests/wait.ts";
import { RateLimit } from "./rate_limit.ts";

const never = new AbortController().signal;

/** When each of these takes may go, in milliseconds. */
async function timesOf(limit: RateLimit, clock: FakeClock, counts: readonly number[]): Promise<number[]> {
  const times: number[] = [];
  const taken = counts.map(async (count) => {
    await limit.take(count, never);
    times.push(clock.monotonicMs());
  });
  await new Promise((resolve) => setTimeout(resolve, 0)); // those that need not wait go first
  await clock.advance(60_000);
  await Promise.all(taken);
  return times;
}

Deno.test("RateLimit spaces evenly, in the order of the calls", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 10, burstMs: 0, clock });
  assert.deepEqual(await timesOf(limit, clock, [1, 1, 1, 1]), [0, 100, 200, 300]);
});

Deno.test("RateLimit gives nothing for a pause beyond its burst", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 10, burstMs: 200, clock });
  await clock.advance(3_600_000);
  const startMs = clock.monotonicMs();
  const times = await timesOf(limit, clock, [1, 1, 1, 1, 1]);
  assert.deepEqual(times.map((time) => time - startMs), [0, 0, 0, 100, 200]);
});

Deno.test("RateLimit lets what is larger than its burst through, and makes the next one wait for it", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 100, burstMs: 1000, clock });
  assert.deepEqual(await timesOf(limit, clock, [1000, 1, 1]), [0, 9000, 9010]);
});

Deno.test("RateLimit makes who has spent too much wait at once", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 100, burstMs: 1000, clock });
  await limit.spend(50, never);
  const spent = limit.spend(250, never).then(() => clock.monotonicMs());
  await clock.advance(60_000);
  assert.equal(await spent, 2000);
});

Deno.test("RateLimit lets nobody wait beyond its signal", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 1, burstMs: 0, clock });
  await limit.take(1, never);
  const stop = new AbortController();
  const waiting = limit.take(1, stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(limit.take(1, stop.signal), /enough/);
  assert.equal(clock.sleeping, 0);
});

Deno.test("RateLimit lets nobody pay for those who gave up, nor go beside those who wait in front of them", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 1, burstMs: 0, clock });
  const stop = new AbortController();
  const times: number[] = [];
  const take = () => limit.take(1, never).then(() => void times.push(clock.monotonicMs()));
  const first = [take(), take()];
  const givenUp = Array.from({ length: 100 }, () => limit.take(1, stop.signal));
  const next = take();
  stop.abort(new Error("enough"));
  for (const each of await Promise.allSettled(givenUp)) assert.equal(each.status, "rejected");
  const last = take();
  await eventually("the next one sleeps", () => clock.sleeping === 1);
  await clock.advance(10_000);
  await Promise.all([...first, next, last]);
  assert.deepEqual(times, [0, 1000, 2000, 3000]);
});

Deno.test("RateLimit counts what has gone already, also when nobody waits for it", async () => {
  const clock = new FakeClock();
  const limit = new RateLimit({ perSecond: 1, burstMs: 0, clock });
  await assert.rejects(limit.spend(3, AbortSignal.abort(new Error("over"))), /over/);
  assert.deepEqual(await timesOf(limit, clock, [1]), [3000]);
});
