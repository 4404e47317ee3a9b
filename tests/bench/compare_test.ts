import assert from "node:assert/strict";
import { comparison, median, medianResult } from "./compare.ts";

const result = (rowsPerSecond: number) => ({ name: "n", rowsPerSecond, cpuPerMillion: 1 / rowsPerSecond, peakMb: 5 });

Deno.test("median() is the middle, or the mean of the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});

Deno.test("comparison() takes ratios run by run, so that a slow minute counts for both sides", () => {
  const ones = [100, 10, 300].map(result);
  const others = [100, 20, 200].map(result);
  assert.equal(comparison(ones, others, { of: "the rest", least: 0.9 }), "1.00 of the rest (goal 0.9)");
  assert.equal(comparison(ones, others, { of: "the rest" }), "1.00 of the rest");
});

Deno.test("medianResult() takes each figure's median", () => {
  assert.deepEqual(medianResult([4, 1, 2].map(result)), { name: "n", rowsPerSecond: 2, cpuPerMillion: 0.5, peakMb: 5 });
});
