import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import type { Reading } from "../core/reading.ts";
import { RecentReadings } from "./recent_readings.ts";

function readings(from: number, count: number): Reading[] {
  return Array.from({ length: count }, (_, index) => ({ tag: `t${from + index}`, eventTimeUs: from + index }));
}

const tags = (recent: RecentReadings) => recent.look().map(({ tag }) => tag);

Deno.test("RecentReadings holds the end of the newest batch alone while nobody looks", () => {
  const recent = new RecentReadings(new FakeClock());
  recent.keep(readings(0, 3));
  recent.keep(readings(10, 1000));
  recent.keep([]);
  const found = tags(recent);
  assert.deepEqual([found.length, found[0], found.at(-1)], [50, "t1009", "t960"]);
});

Deno.test("RecentReadings gathers batches while somebody looks, 200 readings at most, the newest first", () => {
  const recent = new RecentReadings(new FakeClock());
  recent.keep(readings(0, 1));
  assert.deepEqual(tags(recent), ["t0"]);
  recent.keep(readings(1, 2));
  assert.deepEqual(tags(recent), ["t2", "t1", "t0"]);
  for (let n = 0; n < 30; n++) recent.keep(readings(100 * n, 20));
  assert.equal(tags(recent).length, 200);
  for (let n = 0; n < 200; n++) recent.keep(readings(n, 1));
  assert.equal(tags(recent).length, 50, "batches are bounded too");
});

Deno.test("RecentReadings lets go again of what nobody asks for any more", async () => {
  const clock = new FakeClock();
  const recent = new RecentReadings(clock);
  recent.look();
  for (const n of [0, 1, 2]) recent.keep(readings(n, 1));
  await clock.advance(31_000);
  recent.keep(readings(3, 1));
  assert.deepEqual(tags(recent), ["t3"]);
});

function texts(from: number, count: number, chars: number): Reading[] {
  return readings(from, count).map((reading) => ({ ...reading, value: "x".repeat(chars) }));
}

Deno.test("RecentReadings holds no more of large readings than a megabyte, and the newest in any case", () => {
  const recent = new RecentReadings(new FakeClock());
  recent.keep(texts(0, 50, 100_000));
  assert.deepEqual(tags(recent), ["t49", "t48", "t47", "t46", "t45"]);
  for (let n = 0; n < 20; n++) recent.keep(texts(100 + n, 1, 200_000));
  assert.deepEqual(tags(recent), ["t119", "t118"]);
  recent.keep(texts(200, 3, 5_000_000));
  assert.deepEqual(tags(recent), ["t202"]);
  const payload = new Uint8Array(500_000); // of which all are parts
  recent.keep(readings(300, 40).map((reading, i) => ({ ...reading, value: payload.subarray(i, i + 1) })));
  assert.equal(tags(recent).length, 40);
});
