import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { Restarts } from "./restarts.ts";

const HOUR_MS = 3_600_000;
const NEVER = new AbortController().signal;

Deno.test("Restarts lets the first one within an hour go at once and the others wait, at most six an hour", async () => {
  const clock = new FakeClock();
  const restarts = new Restarts(clock);
  const begunMs: number[] = [];
  const running = (async () => {
    while (begunMs.length < 12 && await restarts.wait(new FakeLogger(), NEVER)) begunMs.push(clock.monotonicMs());
  })();
  for (let minute = 0; minute < 180; minute++) await clock.advance(60_000);
  await running;
  const waits = begunMs.slice(1).map((ms, i) => ms - (begunMs[i] ?? 0));
  assert.deepEqual(waits.slice(0, 4), [60_000, 300_000, 900_000, 900_000]);
  for (const fromMs of begunMs) {
    assert.ok(begunMs.filter((ms) => ms >= fromMs && ms < fromMs + HOUR_MS).length <= 6);
  }
});

Deno.test("Restarts forgets what is longer ago than an hour, and says when the next one is", async () => {
  const clock = new FakeClock();
  const log = new FakeLogger();
  const restarts = new Restarts(clock);
  assert.ok(await restarts.wait(log, NEVER));
  const second = restarts.wait(log, NEVER);
  await clock.advance(60_000);
  assert.ok(await second);
  await clock.advance(HOUR_MS);
  assert.ok(await restarts.wait(log, NEVER));
  assert.deepEqual(log.lines.map(({ message }) => message), [
    "The spool is damaged, so the connector starts anew now",
    "The spool is damaged, so the connector starts anew in 1 min, since that happened within the last hour too",
    "The spool is damaged, so the connector starts anew now",
  ]);
});

Deno.test("Restarts does not start anew what is told to stop while it waits", async () => {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const restarts = new Restarts(clock);
  await restarts.wait(new FakeLogger(), stopping.signal);
  const waiting = restarts.wait(new FakeLogger(), stopping.signal);
  stopping.abort();
  assert.equal(await waiting, false);
  assert.equal(clock.sleeping, 0);
});
