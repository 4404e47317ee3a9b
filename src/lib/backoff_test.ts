import assert from "node:assert/strict";
import { Backoff } from "./backoff.ts";

const options = { initialMs: 1000, maxMs: 8000, multiplier: 2, random: () => 0.5 };

Deno.test("Backoff.next() doubles its ceiling with each failure up to the maximum, and waits a random part of it", () => {
  const backoff = new Backoff(options);
  assert.deepEqual(Array.from({ length: 6 }, () => backoff.next()), [500, 1000, 2000, 4000, 4000, 4000]);
  assert.equal(backoff.failures, 6);
});

Deno.test("Backoff.reset() starts over", () => {
  const backoff = new Backoff(options);
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 500);
});

Deno.test("Backoff.next() may wait nothing at all, so that a crowd of clients spreads", () => {
  assert.equal(new Backoff({ ...options, random: () => 0 }).next(), 0);
});
