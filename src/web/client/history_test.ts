import assert from "node:assert/strict";
import { columnsOf, type HistoryAnswer, type Sample, SPANS, withAnswer } from "./history.ts";

function answerOf(from: number, to: number): HistoryAnswer {
  const times = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const none = times.map(() => null);
  return {
    step_seconds: 1,
    times,
    values: { read: times, written: none, queue: times, spool_bytes: times, ack_ms: none },
  };
}

function sampleAt(at: number): Sample {
  return { at, read: at, written: undefined, queue: at, spoolBytes: at, ackMs: undefined };
}

Deno.test("withAnswer() keeps a quarter of an hour", () => {
  let samples: readonly Sample[] = [];
  for (let at = 1; at <= 950; at += 50) samples = withAnswer(samples, answerOf(at, at + 49), SPANS.quarter);
  assert.deepEqual([samples.length, samples[0]?.at, samples.at(-1)?.at], [900, 51, 950]);
});

Deno.test("withAnswer() leaves out what it has already", () => {
  const samples = withAnswer([], answerOf(1, 3), SPANS.quarter);
  assert.equal(withAnswer(samples, answerOf(2, 3), SPANS.quarter), samples);
  assert.deepEqual(withAnswer(samples, answerOf(3, 4), SPANS.quarter), [1, 2, 3, 4].map(sampleAt));
});

Deno.test("columnsOf() has null where there is no value", () => {
  assert.deepEqual(columnsOf([sampleAt(1), sampleAt(2)], ["read", "ackMs"]), [[1, 2], [1, 2], [null, null]]);
});
