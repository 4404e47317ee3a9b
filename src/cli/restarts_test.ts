import assert from "node:assert/strict";
import { Restarts } from "./restarts.ts";

Deno.test("Restarts lets the first one within an hour go at once and the others wait, at most six an hour", () => {
  let nowMs = 5000;
  const restarts = new Restarts({ monotonicMs: () => nowMs });
  const begunMs: number[] = [];
  for (let i = 0; i < 12; i++) {
    nowMs += restarts.next();
    begunMs.push(nowMs);
  }
  assert.deepEqual(begunMs.slice(0, 4), [5000, 65_000, 365_000, 1_265_000]);
  for (const fromMs of begunMs) {
    assert.ok(begunMs.filter((ms) => ms >= fromMs && ms < fromMs + 3_600_000).length <= 6);
  }
});

Deno.test("Restarts forgets what is longer ago than an hour", () => {
  let nowMs = 0;
  const restarts = new Restarts({ monotonicMs: () => nowMs });
  restarts.next();
  nowMs = 3_599_999;
  assert.equal(restarts.next(), 60_000);
  nowMs = 10_000_000;
  assert.equal(restarts.next(), 0);
});
