import assert from "node:assert/strict";
import { Linger } from "./linger.ts";

/** What 200 commits wait when so many rows come within the first `ms` milliseconds. */
function waits(rowsWithin: (ms: number) => number): number[] {
  const linger = new Linger();
  return Array.from({ length: 200 }, () => {
    const ms = linger.next();
    if (ms > 0) linger.learn(ms, rowsWithin(ms / 2), rowsWithin(ms) - rowsWithin(ms / 2));
    return ms;
  });
}

const average = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

Deno.test("Linger waits as long as it may while rows keep coming", () => {
  assert.equal(waits((ms) => 5 * ms).at(-1), 8);
});

Deno.test("Linger hardly ever waits for a device that sends no more until it is acknowledged", () => {
  assert.ok(average(waits(() => 0)) < 0.1);
  assert.ok(average(waits((ms) => Math.min(20, 100 * ms))) < 0.2, "what is there comes within the first half");
});

Deno.test("Linger waits no longer than rows come", () => {
  const last = waits((ms) => Math.min(20, 10 * ms)).slice(100);
  assert.ok(Math.max(...last) <= 4, `${Math.max(...last)} ms for what comes within 2 ms`);
});

Deno.test("Linger looks again when rows begin to keep coming", () => {
  const linger = new Linger();
  for (let i = 0; i < 100; i++) {
    const ms = linger.next();
    if (ms > 0) linger.learn(ms, 0, 0);
  }
  const later = Array.from({ length: 100 }, () => {
    const ms = linger.next();
    if (ms > 0) linger.learn(ms, ms, ms);
    return ms;
  });
  assert.equal(later.at(-1), 8);
});
