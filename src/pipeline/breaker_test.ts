import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import type { BreakerState } from "../core/event.ts";
import { Breaker, type BreakerOptions } from "./breaker.ts";

const NEVER = new AbortController().signal;

function breaker(overrides: Partial<BreakerOptions> = {}) {
  const clock = new FakeClock();
  const states: BreakerState[] = [];
  const changed = (state: BreakerState) => void states.push(state);
  const times = { failureThreshold: 3, successThreshold: 2, openMs: 60_000, probeMs: 5000 };
  return { breaker: new Breaker({ isEnabled: true, ...times, clock, changed, ...overrides }), clock, states };
}

Deno.test("Breaker stays closed below the threshold and leaves the wait to the backoff", () => {
  const { breaker: each, states } = breaker();
  assert.deepEqual([each.failed(false), each.failed(false)], [undefined, undefined]);
  assert.equal(each.state, "closed");
  assert.deepEqual(states, []);
});

Deno.test("Breaker counts only failures in a row", () => {
  const { breaker: each } = breaker();
  for (let i = 0; i < 10; i++) {
    each.failed(false);
    each.failed(false);
    each.succeeded();
  }
  assert.equal(each.state, "closed");
});

Deno.test("Breaker opens at the threshold, is half open after its time, and closes after enough successes", async () => {
  const { breaker: each, clock, states } = breaker();
  each.failed(false);
  each.failed(false);
  assert.equal(each.failed(false), 60_000);
  const passed = each.pass(60_000, NEVER);
  assert.equal(each.state, "open");
  await clock.advance(60_000);
  await passed;
  assert.equal(each.state, "half_open");
  each.succeeded();
  assert.equal(each.state, "half_open");
  each.succeeded();
  assert.equal(each.state, "closed");
  assert.deepEqual(states, ["open", "half_open", "closed"]);
});

Deno.test("Breaker opens again at the first failure while half open", async () => {
  const { breaker: each, clock, states } = breaker({ failureThreshold: 1 });
  each.failed(false);
  const passed = each.pass(1, NEVER);
  await clock.advance(1);
  await passed;
  assert.equal(each.failed(false), 60_000);
  assert.deepEqual(states, ["open", "half_open", "open"]);
});

Deno.test("Breaker opens at once where nothing helps until a person acts, and probes slowly", () => {
  const { breaker: each } = breaker();
  assert.equal(each.failed(true), 5000);
  assert.equal(each.state, "open");
});

Deno.test("Breaker that is switched off opens only where nothing helps until a person acts", () => {
  const { breaker: each } = breaker({ isEnabled: false });
  for (let i = 0; i < 10; i++) assert.equal(each.failed(false), undefined);
  assert.equal(each.state, "closed");
  assert.equal(each.failed(true), 5000);
});
