import assert from "node:assert/strict";
import { Revisions } from "./revisions.ts";

Deno.test("Revisions tells in one sentence how many items were given what in place of what", () => {
  const revisions = new Revisions();
  for (let i = 0; i < 12; i++) {
    revisions.note({ samplingMs: 10, queueSize: 100 }, { samplingMs: 50, queueSize: i === 0 ? 1 : 100 });
  }
  assert.equal(
    revisions.sentence,
    "The server watches nodes on other terms than asked: sampling_interval_ms 50 in place of 10 (12 items), queue_size 1 in place of 100 (1 item)",
  );
});

Deno.test("Revisions says nothing where the server gave what was asked, or as fast as it can", () => {
  const revisions = new Revisions();
  revisions.note({ samplingMs: 100, queueSize: 10 }, { samplingMs: 100, queueSize: 10 });
  revisions.note({ samplingMs: 0, queueSize: 10 }, { samplingMs: 50, queueSize: 10 });
  assert.equal(revisions.sentence, undefined);
});

Deno.test("Revisions names the most frequent kinds where there are many", () => {
  const revisions = new Revisions();
  for (let i = 1; i <= 9; i++) revisions.note({ samplingMs: i, queueSize: 1 }, { samplingMs: 100, queueSize: 1 });
  assert.match(revisions.sentence ?? "", /in place of 4 \(1 item\), and 5 kinds more$/);
});
