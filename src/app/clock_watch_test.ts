import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import type { ConnectorEvent } from "../core/event.ts";
import { watchClock } from "./clock_watch.ts";
import { HostClock } from "./host_clock.ts";

const RELEASED_US = 1_700_000_000_000_000;
const HOUR_US = 3_600_000_000;

/** A watched clock, what was told of it, and the times that were kept. */
function open(startUs: number, knownUs = 0) {
  const clock = new FakeClock(startUs);
  const host = new HostClock({ clock, releasedUs: RELEASED_US, knownUs });
  const events: ConnectorEvent[] = [];
  const kept: number[] = [];
  const report = (event: ConnectorEvent) => void events.push(event);
  const watch = watchClock({ clock: host, report, keep: (nowUs) => void kept.push(nowUs) });
  return { clock, events, kept, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

Deno.test("watchClock() says at once that the clock begins in 1970, and when it is right", async () => {
  using stand = open(12_000_000);
  assert.deepEqual(stand.events, [
    { kind: "host_clock_doubted", doubt: "before_release", nowUs: 12_000_000, behindUs: 0 },
  ]);
  stand.clock.jump(RELEASED_US);
  await stand.clock.advance(10_000);
  const nowUs = stand.clock.nowUs();
  assert.deepEqual(stand.events.slice(1), [
    { kind: "host_clock_jumped", aheadUs: RELEASED_US },
    { kind: "host_clock_trusted", why: "right", nowUs },
  ]);
});

Deno.test("watchClock() says that the clock jumped back while the connector runs, by how much, and when it has caught up", async () => {
  using stand = open(RELEASED_US + HOUR_US);
  await stand.clock.advance(60_000);
  assert.deepEqual(stand.events, []);
  stand.clock.jump(-30_000_000);
  await stand.clock.advance(10_000);
  const [doubted] = stand.events;
  assert.deepEqual(doubted, {
    kind: "host_clock_doubted",
    doubt: "went_back",
    nowUs: stand.clock.nowUs(),
    behindUs: 20_000_000,
  });
  await stand.clock.advance(30_000);
  assert.deepEqual(stand.events.slice(1).map(({ kind }) => kind), ["host_clock_trusted"]);
});

Deno.test("watchClock() says that a clock is behind an earlier run, and that it is believed after a day", async () => {
  using stand = open(RELEASED_US, RELEASED_US + 1000 * HOUR_US);
  await stand.clock.advance(86_400_000);
  assert.deepEqual(stand.events.map((event) => [event.kind, "why" in event ? event.why : ""]), [
    ["host_clock_doubted", ""],
    ["host_clock_trusted", "steady"],
  ]);
});

Deno.test("watchClock() says nothing of a clock that goes on, or is corrected by little", async () => {
  using stand = open(RELEASED_US);
  for (const us of [2e6, -2e6, 4e6]) {
    stand.clock.jump(us);
    await stand.clock.advance(30_000);
  }
  assert.deepEqual(stand.events, []);
});

Deno.test("watchClock() says that the clock was set ahead", async () => {
  using stand = open(RELEASED_US);
  stand.clock.jump(HOUR_US);
  await stand.clock.advance(30_000);
  assert.deepEqual(stand.events, [{ kind: "host_clock_jumped", aheadUs: HOUR_US }]);
});

Deno.test("watchClock() keeps the time for the next run, now and then and at the end, while it is right", async () => {
  const stand = open(RELEASED_US);
  await stand.clock.advance(300_000);
  assert.deepEqual(stand.kept, [RELEASED_US, RELEASED_US + 300_000_000]);
  stand.clock.jump(-HOUR_US);
  await stand.clock.advance(600_000);
  stand[Symbol.dispose]();
  assert.equal(stand.kept.length, 2);
});
