import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { RELEASED_US } from "../lib/version.ts";
import { beginBoot } from "../pipeline/mod.ts";
import { judgedClock } from "./judged_clock.ts";
import { writeLatestTime } from "./latest_time.ts";

const DAY_MS = 86_400_000;
const NOW_US = RELEASED_US + DAY_MS * 1000;
const TEN_YEARS_US = 10 * 365 * DAY_MS * 1000;

/** Starts in a home, runs for so long, and leaves the time where it is trusted. Resolves with the doubts at its start and at its end. */
async function run(home: string, startUs: number, forMs: number) {
  const clock = new FakeClock(startUs);
  const judged = judgedClock({ clock, home }, beginBoot(home, clock));
  const atStart = judged.doubt();
  await clock.advance(forMs);
  const atEnd = judged.doubt();
  if (atEnd === undefined) writeLatestTime(home, judged.nowUs(), new FakeLogger());
  return [atStart, atEnd];
}

async function inHome(task: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "home_" });
  try {
    await task(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("judgedClock() doubts the right clock for one day after a start with a clock ten years ahead, and never again", () =>
  inHome(async (home) => {
    assert.deepEqual(await run(home, NOW_US + TEN_YEARS_US, 1000), [undefined, undefined]);
    assert.deepEqual(await run(home, NOW_US, DAY_MS), ["went_back", undefined]);
    assert.deepEqual(await run(home, NOW_US + 2 * DAY_MS * 1000, 1000), [undefined, undefined]);
  }));

Deno.test("judgedClock() knows the time of the last start where no run has left one", () =>
  inHome(async (home) => {
    beginBoot(home, new FakeClock(NOW_US + 3_600_000_000));
    assert.deepEqual(await run(home, NOW_US, 1000), ["went_back", "went_back"]);
  }));
