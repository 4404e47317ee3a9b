import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { HostClock } from "./host_clock.ts";

const RELEASED_US = 1_700_000_000_000_000;
const DAY_MS = 86_400_000;
const HOUR_US = 3_600_000_000;

function open(startUs: number, knownUs = 0) {
  const clock = new FakeClock(startUs);
  return { clock, host: new HostClock({ clock, releasedUs: RELEASED_US, knownUs }) };
}

Deno.test("HostClock doubts a clock that begins in 1970, until it is set", async () => {
  const { clock, host } = open(12_000_000);
  assert.equal(host.doubt(), "before_release");
  await clock.advance(3 * DAY_MS);
  assert.equal(host.doubt(), "before_release", "however long it runs");
  clock.jump(RELEASED_US);
  assert.equal(host.doubt(), undefined);
});

Deno.test("HostClock doubts a clock that is behind an earlier run, from the first look on, until it has caught up", async () => {
  const { clock, host } = open(RELEASED_US, RELEASED_US + HOUR_US);
  assert.equal(host.doubt(), "went_back");
  assert.equal(host.behindUs, HOUR_US);
  await clock.advance(HOUR_US / 1000);
  assert.equal(host.doubt(), undefined);
});

Deno.test("HostClock doubts a clock that jumps back while it runs, at once", () => {
  const { clock, host } = open(RELEASED_US + HOUR_US);
  assert.equal(host.doubt(), undefined);
  clock.jump(-60_000_000);
  assert.equal(host.doubt(), "went_back");
  clock.jump(60_000_000);
  assert.equal(host.doubt(), undefined);
});

Deno.test("HostClock lets a time service set the clock back by little", () => {
  const { clock, host } = open(RELEASED_US + HOUR_US);
  host.doubt();
  clock.jump(-4_000_000);
  assert.equal(host.doubt(), undefined);
  clock.jump(-4_000_000);
  assert.equal(host.doubt(), "went_back", "but not again and again");
});

Deno.test("HostClock believes a clock that went back and has run for a day: it was too far ahead before", async () => {
  const { clock, host } = open(RELEASED_US, RELEASED_US + 10 * 365 * 24 * HOUR_US);
  assert.equal(host.doubt(), "went_back");
  await clock.advance(DAY_MS - 1);
  assert.equal(host.doubt(), "went_back");
  await clock.advance(1);
  assert.equal(host.doubt(), undefined);
  assert.equal(host.wasBelieved, true);
  clock.jump(-HOUR_US);
  assert.equal(host.doubt(), "went_back", "it is judged anew from there");
  clock.jump(HOUR_US);
  assert.deepEqual([host.doubt(), host.wasBelieved], [undefined, false]);
});

Deno.test("HostClock is the clock that it judges in all else", async () => {
  const { clock, host } = open(RELEASED_US);
  let ticks = 0;
  using _timer = host.every(1000, () => void ticks++);
  const slept = host.sleep(2500);
  await clock.advance(2500);
  await slept;
  assert.deepEqual([host.nowUs(), host.monotonicMs(), ticks], [clock.nowUs(), 2500, 2]);
});
