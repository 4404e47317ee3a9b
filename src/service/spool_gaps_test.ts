import assert from "node:assert/strict";
import { sumOfGaps } from "./spool_gaps.ts";

const range = { table: "a.b.c", firstSeq: 1, lastSeq: 1, reason: "dropped", timeUs: 5 };

Deno.test("sumOfGaps() sums up by table and reason, with the latest time", async () => {
  const sums = await sumOfGaps(ReadableStream.from([
    { ...range, lastSeq: 10, timeUs: 9 },
    { ...range, firstSeq: 20, lastSeq: 21, timeUs: 7 },
    { ...range, reason: "purged" },
    { ...range, table: "a.b.d" },
  ]));
  assert.deepEqual(sums, [
    { table: "a.b.c", reason: "dropped", numbers: 12, latestUs: 9 },
    { table: "a.b.c", reason: "purged", numbers: 1, latestUs: 5 },
    { table: "a.b.d", reason: "dropped", numbers: 1, latestUs: 5 },
  ]);
});

Deno.test("sumOfGaps() leaves damaged records out", async () => {
  const sums = await sumOfGaps(ReadableStream.from([
    { ...range, lastSeq: NaN },
    { ...range, firstSeq: 9 },
    { ...range, timeUs: NaN },
  ]));
  assert.deepEqual(sums, [{ table: "a.b.c", reason: "dropped", numbers: 1, latestUs: 0 }]);
});
