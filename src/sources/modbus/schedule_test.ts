import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { mappingsOf } from "./mapping.ts";
import { PartMemory } from "./part_memory.ts";
import { planRequests, type ReadRequest } from "./plan.ts";
import { RECHECK_MS, Schedule } from "./schedule.ts";
import { modbusSettings } from "./settings.ts";
import { UnitBreaker } from "./unit_breaker.ts";

function request(slaveId: number, intervalMs: number): ReadRequest {
  return { slaveId, intervalMs, registerType: "holding", start: 0, count: 1, slices: [] };
}

function scheduleOf(...requests: ReadRequest[]) {
  const units = new UnitBreaker(1000);
  const memory = new PartMemory({ memory: undefined, clock: new FakeClock(), endpoint: "", requests });
  const schedule = new Schedule(requests, { units, memory, nowMs: 0 });
  schedule.begin(0);
  return { units, schedule };
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
    const { poll, dueMs } = schedule.next(0);
    schedule.done(poll, dueMs);
    return dueMs;
  });
}

Deno.test("Schedule keeps the rhythm of a poll that is late by less than its interval", () => {
  const { schedule } = scheduleOf(request(1, 100));
  assert.equal(schedule.done(schedule.next(0).poll, 90), 0);
  assert.equal(schedule.next(0).dueMs, 100);
});

Deno.test("Schedule sends one late poll at once, and skips and counts those before it", () => {
  const { schedule } = scheduleOf(request(1, 100));
  assert.equal(schedule.done(schedule.next(0).poll, 450), 3);
  assert.equal(schedule.next(0).dueMs, 400);
});

Deno.test("Schedule tries a refused request again later and later, up to a minute, and by its interval when it answers", () => {
  const { schedule } = scheduleOf(request(1, 1000));
  const waits = Array.from({ length: 8 }, () => {
    const { poll, dueMs } = schedule.next(0);
    schedule.refused(poll, dueMs);
    return schedule.next(0).dueMs - dueMs;
  });
  assert.deepEqual(waits, [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  const { poll, dueMs } = schedule.next(0);
  schedule.done(poll, dueMs);
  assert.equal(schedule.next(0).dueMs - dueMs, 1000);
});

Deno.test("Schedule never asks a refused request more often than its interval", () => {
  const { schedule } = scheduleOf(request(1, 3_600_000));
  schedule.refused(schedule.next(0).poll, 0);
  assert.equal(schedule.next(0).dueMs, 3_600_000);
});

/** The units in the order in which they get their turns when all is due. */
function turns(schedule: Schedule, nowMs: number, count: number): number[] {
  return Array.from({ length: count }, () => {
    const { poll } = schedule.next(nowMs);
    schedule.done(poll, nowMs);
    return poll.request.slaveId;
  });
}

Deno.test("Schedule gives the turn to whoever had it longest ago, however short the intervals of others are", () => {
  const { schedule } = scheduleOf(request(1, 1), request(2, 60_000), request(3, 1000));
  assert.deepEqual(turns(schedule, 100_000, 3).sort(), [1, 2, 3]);
});

Deno.test("Schedule goes on in the next session where the one before ended", () => {
  const { schedule } = scheduleOf(request(1, 100), request(2, 100), request(3, 100));
  const firsts = [0, 1000, 2000, 3000].map((nowMs) => {
    schedule.begin(nowMs);
    return turns(schedule, nowMs, 1)[0];
  });
  assert.deepEqual(firsts, [1, 2, 3, 1]);
});

Deno.test("Schedule reads nothing before its time because a session is new, and skips nothing that fell due between two", () => {
  const { schedule } = scheduleOf(request(1, 10_000));
  assert.deepEqual(turns(schedule, 0, 1), [1]);
  schedule.begin(200);
  assert.equal(schedule.next(200).dueMs, 10_000);
  schedule.begin(3_600_000);
  assert.equal(schedule.done(schedule.next(3_600_000).poll, 3_600_000), 0);
});

Deno.test("Schedule blames a poll that ends the connection when others were answered, and puts it off longer each time", () => {
  const { schedule } = scheduleOf(request(1, 1000), request(2, 60_000));
  const { poll } = schedule.next(0);
  assert.equal(schedule.broke(poll, 0), false, "nothing was ever answered");
  assert.equal(schedule.next(600).poll.request.slaveId, 2, "it goes last");
  schedule.done(schedule.next(600).poll, 600);
  schedule.answered();
  assert.equal(schedule.broke(poll, 1000), true);
  assert.equal(poll.dueMs, 3000);
  assert.equal(schedule.broke(poll, 3000), true);
  assert.equal(poll.dueMs, 7000);
});

Deno.test("Schedule blames no poll when each of them ends the connection", () => {
  const { schedule } = scheduleOf(request(1, 1000), request(2, 1000));
  const one = schedule.next(0).poll;
  schedule.answered();
  schedule.broke(one, 0);
  const two = schedule.next(900).poll;
  const blamed = [two, one, two, one].map((poll) => schedule.broke(poll, 0));
  assert.deepEqual(blamed, [false, false, false, false]);
});

Deno.test("Schedule passes over a unit that is silent", () => {
  const { schedule, units } = scheduleOf(request(1, 100), request(2, 100));
  units.failed(1, 0);
  units.failed(1, 0);
  assert.equal(schedule.next(0).poll.request.slaveId, 2);
  units.answered(1);
  assert.equal(schedule.next(0).poll.request.slaveId, 1);
});

Deno.test("UnitBreaker pauses a silent unit for longer and longer, up to a minute", () => {
  const units = new UnitBreaker(3000);
  const pauses = Array.from({ length: 7 }, () => {
    units.failed(9, 0);
    return units.retryAtMs(9);
  });
  assert.deepEqual(pauses, [0, 3000, 9000, 21_000, 45_000, 60_000, 60_000]);
});

Deno.test("Schedule finds the edges of a wide hole to the value, and reads it as one", () => {
  const settings = modbusSettings.parse({ registers: [{ name: "t", address: 0, count: 125 }] });
  const planned = planRequests(mappingsOf(settings), { maxRegisters: 125, maxCoils: 2000, readGap: 8 });
  const { schedule } = scheduleOf(...planned);
  const found = new Set<string>();
  for (let polls = 0; polls < 300; polls++) {
    const { poll } = schedule.next(1000);
    const { start, count } = poll.request;
    const isRefused = start <= 111 && start + count > 11;
    if (!isRefused) schedule.done(poll, 1000);
    else if (!schedule.split(poll, 1000)) schedule.refusedForGood(poll, "illegal data address", 1000);
    if (!isRefused) found.add(`${start}+${count}`);
  }
  const values = [...found].map((text) => Number(text.split("+")[1])).reduce((sum, count) => sum + count, 0);
  assert.equal(values, 125 - 101, [...found].join(" "));
  assert.deepEqual(schedule.holesOf(planned[0] ?? assert.fail()).map(({ request }) => [request.start, request.count]), [
    [11, 101],
  ]);
});

Deno.test("Schedule tries what it reads in parts as a whole again after a day, in the same session", () => {
  const settings = modbusSettings.parse({ registers: [0, 4].map((address) => ({ name: `t${address}`, address })) });
  const { schedule } = scheduleOf(
    ...planRequests(mappingsOf(settings), { maxRegisters: 125, maxCoils: 2000, readGap: 8 }),
  );
  assert.equal(schedule.split(schedule.next(0).poll, 0), true);
  const countsAt = (nowMs: number) =>
    Array.from({ length: 2 }, () => {
      const { poll } = schedule.next(nowMs);
      schedule.done(poll, nowMs);
      return poll.request.count;
    });
  assert.deepEqual(countsAt(RECHECK_MS - 1), [1, 1]);
  assert.deepEqual(countsAt(RECHECK_MS), [1, 5]);
});

Deno.test("Schedule tells a hole although a part that waited for its neighbours has answered since", () => {
  const settings = modbusSettings.parse({ registers: [{ name: "t", address: 0, count: 4 }] });
  const planned = planRequests(mappingsOf(settings), { maxRegisters: 125, maxCoils: 2000, readGap: 8 });
  const { schedule } = scheduleOf(...planned);
  schedule.split(schedule.next(0).poll, 0);
  const left = schedule.next(0).poll;
  assert.equal(schedule.defer(left, 0), true);
  const other = schedule.next(0).poll;
  schedule.refusedForGood(other, "illegal data address", 0);
  assert.deepEqual(schedule.holesOf(left.origin), [], "one part waits");
  schedule.gave(left);
  schedule.done(left, 2000);
  assert.deepEqual(schedule.holesOf(left.origin).map(({ request }) => request.start), [2]);
});
