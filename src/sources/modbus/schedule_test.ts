import assert from "node:assert/strict";
import type { ReadRequest } from "./plan.ts";
import { Schedule } from "./schedule.ts";
import { UnitBreaker } from "./unit_breaker.ts";

function request(slaveId: number, intervalMs: number): ReadRequest {
  return { slaveId, intervalMs, registerType: "holding", start: 0, count: 1, slices: [] };
}

function scheduleOf(...requests: ReadRequest[]) {
  const units = new UnitBreaker(1000);
  return { units, schedule: new Schedule(requests, units, 0) };
}

Deno.test("Schedule spreads the first polls over the interval, and over a second at most", () => {
  const quick = [request(1, 200), request(1, 200)];
  const slow = [request(1, 3_600_000), request(1, 3_600_000)];
  assert.deepEqual(dueTimes(quick), [0, 100]);
  assert.deepEqual(dueTimes(slow), [0, 500]);
});

function dueTimes(requests: ReadRequest[]): number[] {
  const { schedule } = scheduleOf(...requests);
  return requests.map(() => {
    const { poll, dueMs } = schedule.next();
    schedule.done(poll, dueMs);
    return dueMs;
  });
}

Deno.test("Schedule keeps the rhythm of a poll that is late by less than its interval", () => {
  const { schedule } = scheduleOf(request(1, 100));
  assert.equal(schedule.done(schedule.next().poll, 90), 0);
  assert.equal(schedule.next().dueMs, 100);
});

Deno.test("Schedule sends one late poll at once, and skips and counts those before it", () => {
  const { schedule } = scheduleOf(request(1, 100));
  assert.equal(schedule.done(schedule.next().poll, 450), 3);
  assert.equal(schedule.next().dueMs, 400);
});

Deno.test("Schedule tries a refused request again later and later, up to a minute, and by its interval when it answers", () => {
  const { schedule } = scheduleOf(request(1, 1000));
  const waits = Array.from({ length: 8 }, () => {
    const { poll, dueMs } = schedule.next();
    schedule.refused(poll, dueMs);
    return schedule.next().dueMs - dueMs;
  });
  assert.deepEqual(waits, [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  const { poll, dueMs } = schedule.next();
  schedule.done(poll, dueMs);
  assert.equal(schedule.next().dueMs - dueMs, 1000);
});

Deno.test("Schedule never asks a refused request more often than its interval", () => {
  const { schedule } = scheduleOf(request(1, 3_600_000));
  schedule.refused(schedule.next().poll, 0);
  assert.equal(schedule.next().dueMs, 3_600_000);
});

Deno.test("Schedule passes over a unit that is silent", () => {
  const { schedule, units } = scheduleOf(request(1, 100), request(2, 100));
  units.failed(1, 0);
  units.failed(1, 0);
  assert.equal(schedule.next().poll.request.slaveId, 2);
  units.answered(1);
  assert.equal(schedule.next().poll.request.slaveId, 1);
});

Deno.test("UnitBreaker pauses a silent unit for longer and longer, up to a minute", () => {
  const units = new UnitBreaker(3000);
  const pauses = Array.from({ length: 7 }, () => {
    units.failed(9, 0);
    return units.retryAtMs(9);
  });
  assert.deepEqual(pauses, [0, 3000, 9000, 21_000, 45_000, 60_000, 60_000]);
});
