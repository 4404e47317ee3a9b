import assert from "node:assert/strict";
import { columnsOf, KEPT_SECONDS, type Sample, withSample } from "./history.ts";

function sampleAt(at: number): Sample {
  return { at, read: at, written: 0, queue: 0, spoolBytes: 0, ackMs: undefined };
}

Deno.test("withSample() keeps a quarter of an hour", () => {
  let samples: readonly Sample[] = [];
  for (let at = 1; at <= KEPT_SECONDS + 50; at++) samples = withSample(samples, sampleAt(at));
  assert.equal(samples.length, KEPT_SECONDS);
  assert.equal(samples[0]?.at, 51);
});

Deno.test("withSample() leaves out a second sample of the same second", () => {
  const samples = [sampleAt(5)];
  assert.equal(withSample(samples, sampleAt(5)), samples);
});

Deno.test("columnsOf() has null where there is no value", () => {
  assert.deepEqual(columnsOf([sampleAt(1), sampleAt(2)], ["read", "ackMs"]), [[1, 2], [1, 2], [null, null]]);
});
