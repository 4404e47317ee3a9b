import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { watchClock } from "./clock_watch.ts";

const DAY_SECONDS = 86_400;

function secondsOf(clock: FakeClock): number {
  return Math.floor(clock.nowUs() / 1_000_000);
}

Deno.test("watchClock() says once that the host's clock jumped back while the connector runs, and by how much", async () => {
  const clock = new FakeClock();
  const log = new FakeLogger();
  using _watch = watchClock({ clock, log, bootEpoch: secondsOf(clock) });
  await clock.advance(60_000);
  assert.equal(log.lines.length, 0);
  clock.jump(-DAY_SECONDS * 1e6);
  await clock.advance(60_000);
  const [line] = log.lines;
  assert.deepEqual([log.lines.length, line?.level, line?.fields], [1, "warn", {
    code: "clock_went_back",
    seconds: DAY_SECONDS,
  }]);
  assert.equal(
    line?.message,
    "The host's clock jumped back by 86400 seconds. The times of new rows go back by that; their order and identity do " +
      "not depend on it",
  );
});

Deno.test("watchClock() says that the host's clock is behind where it was at an earlier start", () => {
  const clock = new FakeClock();
  const log = new FakeLogger();
  using _watch = watchClock({ clock, log, bootEpoch: secondsOf(clock) + DAY_SECONDS });
  assert.match(
    log.lines[0]?.message ?? "",
    /^The host's clock is 86400 seconds behind where it was at an earlier start\./,
  );
});

Deno.test("watchClock() says nothing of a clock that goes on, jumps ahead, or is set back by little", async () => {
  const clock = new FakeClock();
  const log = new FakeLogger();
  using _watch = watchClock({ clock, log, bootEpoch: secondsOf(clock) + 5 });
  clock.jump(DAY_SECONDS * 1e6);
  await clock.advance(30_000);
  clock.jump(-2e6);
  await clock.advance(30_000);
  assert.deepEqual(log.lines, []);
});
