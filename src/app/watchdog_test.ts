import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { type Look, Watchdog } from "./watchdog.ts";

/** A watchdog whose manager keeps what it is told. */
function stand(watchdogUs?: string) {
  const clock = new FakeClock();
  const told: string[] = [];
  const state: { look: Look | undefined } = { look: undefined };
  const notifier = {
    send: (...lines: readonly string[]) => Promise.resolve(void told.push(lines.join(" "))),
    [Symbol.dispose]: () => void told.push("closed"),
  };
  const watchdog = new Watchdog({ notifier, clock, watchdogUs, look: () => state.look });
  const news = async (ms: number) => {
    told.length = 0;
    await clock.advance(ms);
    return [...told];
  };
  return { watchdog, state, news, told };
}

const look = (more: Partial<Look> = {}): Look => ({ isReady: true, unansweredMs: 0, status: () => "fine", ...more });
const STARTS = "WATCHDOG=1 STATUS=Starts EXTEND_TIMEOUT_USEC=60000000";

Deno.test("Watchdog says READY once every source was tried, and not before", async () => {
  const { watchdog, state, news } = stand();
  using _watchdog = watchdog;
  assert.deepEqual(await news(500), [STARTS]);
  state.look = look({ isReady: false });
  assert.deepEqual(await news(10_000), [STARTS, STARTS]);
  state.look = look();
  assert.deepEqual(await news(500), ["WATCHDOG=1 READY=1 STATUS=fine"]);
  assert.deepEqual(await news(5000), ["WATCHDOG=1 STATUS=fine"]);
});

Deno.test("Watchdog lets a device that is tried for long hold READY up for a minute at most", async () => {
  const { watchdog, state, news } = stand();
  using _watchdog = watchdog;
  state.look = look({ isReady: false });
  assert.equal((await news(59_500)).some((line) => line.includes("READY=1")), false);
  assert.deepEqual(await news(500), ["WATCHDOG=1 READY=1 STATUS=fine"]);
});

Deno.test("Watchdog falls silent while the disk owes an answer for longer than a minute", async () => {
  const { watchdog, state, news } = stand();
  using _watchdog = watchdog;
  state.look = look();
  await news(500);
  state.look = look({ unansweredMs: 60_001 });
  assert.deepEqual(await news(60_000), []);
  state.look = look({ unansweredMs: 59_000 });
  assert.deepEqual(await news(500), ["WATCHDOG=1 STATUS=fine"]);
});

Deno.test("Watchdog gives three signs of life in the time that the manager waits", async () => {
  const { watchdog, state, news } = stand("6000000");
  using _watchdog = watchdog;
  state.look = look();
  await news(500);
  assert.equal((await news(6000)).length, 3);
});

Deno.test("Watchdog tells of a start inside the process, and that the stop goes on", async () => {
  const { watchdog, state, news, told } = stand();
  state.look = look();
  await news(500);
  state.look = undefined;
  assert.deepEqual(await news(5000), ["WATCHDOG=1 STATUS=Starts anew inside the process"]);
  told.length = 0;
  await watchdog.stopping();
  assert.deepEqual(told, ["STOPPING=1 STATUS=Stops: sends what is queued EXTEND_TIMEOUT_USEC=60000000"]);
  assert.deepEqual(await news(5000), ["WATCHDOG=1 EXTEND_TIMEOUT_USEC=60000000"]);
  watchdog[Symbol.dispose]();
  assert.deepEqual(await news(20_000), []);
});
