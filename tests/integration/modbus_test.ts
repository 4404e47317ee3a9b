import assert from "node:assert/strict";
import { ConnectionError } from "../../src/core/error.ts";
import type { SourceEvent } from "../../src/core/source.ts";
import { testSourceContract } from "../contract/source.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { type Fault, startModbusServer } from "../peers/modbus_server.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { APART, Session, Sessions, sourceOf } from "./modbus_session.ts";

testSourceContract({
  name: "ModbusSource",
  async open() {
    const server = startModbusServer();
    const silent = startModbusServer();
    const registers = [{ name: "t", address: 0, count: 3 }];
    return await Promise.resolve({
      create: () => sourceOf(server.port, { registers }),
      createDead: () => sourceOf(freePort(), { registers }),
      createSilent: () => sourceOf(silent.port, { registers, connect_delay_ms: 60_000 }),
      endPeer: async () => await server[Symbol.asyncDispose](),
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await silent[Symbol.asyncDispose]();
      },
    });
  },
});

Deno.test("ModbusSource reads all four tables", async () => {
  await using server = startModbusServer();
  server.setRegister("holding", 0, 0x4148, 0);
  server.setRegister("input", 4, 65_535);
  server.setRegister("coil", 9, 1);
  server.setRegister("discrete", 3, 0);
  await using session = await Session.start(server, {
    registers: [
      { name: "h", address: 40001, data_type: "float32" },
      { name: "i", address: 30005, register_type: "input", data_type: "int16", scale_factor: 0.1 },
      { name: "c", address: 9, register_type: "coil" },
      { name: "d", address: 10004, register_type: "discrete" },
    ],
  });
  const values: Record<string, number | undefined> = {};
  for (const tag of ["h", "i", "c", "d"]) values[tag] = (await session.newReading(tag)).value;
  assert.deepEqual(values, { h: 12.5, i: -0.1, c: 1, d: 0 });
});

Deno.test("ModbusSource hands over every value of an answer once, in order", async () => {
  await using server = startModbusServer();
  server.count("holding", 0);
  await using session = await Session.start(server, { registers: [{ name: "n", address: 0, data_type: "uint32" }] });
  const numbers = await eventually("20 readings", () => {
    const values = session.readings("n").map((reading) => reading.value);
    return values.length >= 20 && values.slice(0, 20);
  });
  assert.deepEqual(numbers, Array.from({ length: 20 }, (_, index) => index + 1));
});

Deno.test("ModbusSource reads neighbours in one request", async () => {
  await using server = startModbusServer();
  await using session = await Session.start(server, {
    registers: [{ name: "a", address: 0 }, { name: "b", address: 5, data_type: "float64" }],
  });
  await session.newReading("b");
  assert.deepEqual(server.seen[0], { unit: 1, table: "holding", start: 0, count: 9 });
});

Deno.test("ModbusSource reads around a hole, and reports the one entry in it alone", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "holding", from: 4, to: 5, code: 2 });
  await using session = await Session.start(server, {
    registers: [0, 2, 4, 6].map((address) => ({ name: `t${address}`, address })),
  });
  for (const tag of ["t0", "t2", "t6"]) await session.newReading(tag);
  await eventually("the report", () => session.tagEvents.length > 0);
  assert.deepEqual(session.tagEvents, [
    "failed t4: the device answers illegal data address (exception 2) for holding register 4",
  ]);
  const before = server.seen.length;
  for (const tag of ["t0", "t2", "t6"]) await session.newReading(tag);
  const wholes = server.seen.slice(before).filter((read) => read.start <= 2 && read.start + read.count > 6);
  assert.deepEqual(wholes, [], "the hole is remembered");
});

Deno.test("ModbusSource reads every value of a long entry but those in its hole, and says which those are", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "input", from: 203, to: 204, code: 2 });
  await using session = await Session.start(server, {
    registers: [{ name: "ir", address: 0, count: 300, register_type: "input" }],
  });
  const isHole = (at: number) => at === 203 || at === 204;
  const names = Array.from({ length: 300 }, (_, at) => `ir[${at}]`).filter((_, at) => !isHole(at));
  await eventually("all that there is", () => {
    const tags = new Set(session.batches.flatMap(({ readings }) => readings.map(({ tag }) => tag)));
    return tags.size === names.length && names.every((name) => tags.has(name));
  });
  await eventually("the report", () => session.tagEvents.length > 0);
  const hole = "ir[203..204]: the device answers illegal data address (exception 2) for input registers 203 to 204";
  assert.deepEqual(session.tagEvents, [`failed ${hole}`]);
  server.refuseNothing();
  await session.newReading("ir[203]");
  await eventually("the good news", () => session.tagEvents.length > 1);
  assert.deepEqual(session.tagEvents.slice(1), ["recovered ir[203..204]"]);
  await eventually("one request again", () => server.seen.at(-1)?.count === 125);
});

Deno.test("ModbusSource does not say that a hole is back when its unit falls silent", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "input", from: 3, to: 4, code: 2 });
  await using session = await Session.start(server, {
    registers: [{ name: "ir", address: 0, count: 9, register_type: "input" }, { name: "t", address: 0, slave_id: 2 }],
  });
  await eventually("the hole", () => session.tagEvents.length > 0);
  server.silence(1);
  await eventually("the silence", () => session.tagEvents.some((text) => /^failed ir: unit 1/.test(text)));
  await eventually("10 readings", () => session.readings("t").length > 10);
  assert.deepEqual(session.tagEvents.filter((text) => text.startsWith("recovered")), []);
  server.wake(1);
  await session.newReading("ir[8]");
  await eventually("the good news", () => session.tagEvents.at(-1) === "recovered ir");
});

const MISSING = { input: { count: 125, says: /input registers 0 to 124$/ }, coil: { count: 2000, says: /coils/ } };

for (const [table, { count, says }] of Object.entries(MISSING)) {
  Deno.test(`ModbusSource finds out in few requests that the device has no ${table} at all`, async () => {
    await using server = startModbusServer();
    for (const each of ["input", "coil"] as const) server.refuse({ table: each, from: 0, to: 65_535, code: 2 });
    await using session = await Session.start(server, {
      registers: [{ name: "t", address: 0 }, { name: "none", address: 0, count, register_type: table }],
      timeout_seconds: 2,
    });
    await eventually("the report", () => session.tagEvents.length > 0);
    assert.match(session.tagEvents[0] ?? "", says);
    const before = server.seen.length;
    assert.ok(before < 420, `${before} requests`);
    await eventually("20 readings", () => session.readings("t").length > 20);
    const again = server.seen.slice(before).filter((read) => read.table === table);
    assert.ok(again.every((read) => read.count === count), "what it refuses is one request again");
  });
}

Deno.test("ModbusSource does not fail entries for a gap that the device refuses", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "holding", from: 1, to: 3, code: 2 });
  await using session = await Session.start(server, {
    registers: [{ name: "a", address: 0 }, { name: "b", address: 4 }],
  });
  await session.newReading("a");
  await session.newReading("b");
  assert.deepEqual(session.tagEvents, []);
});

Deno.test("ModbusSource tries an entry that failed again and says when it is back", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "holding", from: 0, to: 0, code: 2 });
  await using session = await Session.start(server, { registers: [{ name: "t", address: 0 }] });
  await eventually("the failure", () => session.tagEvents.length > 0);
  server.refuseNothing();
  await session.newReading("t");
  assert.equal(session.tagEvents.at(-1), "recovered t");
});

Deno.test("ModbusSource goes on with the other units while one is dead", async () => {
  await using server = startModbusServer();
  server.silence(2);
  await using session = await Session.start(server, {
    registers: [{ name: "alive", address: 0 }, { name: "dead", address: 0, slave_id: 2 }],
  });
  await eventually("the report of the dead unit", () => session.tagEvents.length > 0);
  await eventually("20 readings of the other", () => session.readings("alive").length >= 20);
  assert.deepEqual(session.tagEvents, ["failed dead: unit 2 did not answer within 100 ms"]);
  server.wake(2);
  await session.newReading("dead");
  assert.equal(session.tagEvents.at(-1), "recovered dead");
});

Deno.test("ModbusSource takes a gateway's exception 11 for a dead unit", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "holding", from: 0, to: 9, code: 11, unit: 2 });
  await using session = await Session.start(server, {
    registers: [{ name: "alive", address: 0 }, { name: "dead", address: 0, slave_id: 2 }],
  });
  await eventually("the report", () => session.tagEvents.length > 0);
  assert.match(session.tagEvents[0] ?? "", /^failed dead: unit 2: gateway target device failed to respond/);
  await session.newReading("alive");
});

Deno.test("ModbusSource throws away a late answer and gives nobody its values", async () => {
  await using server = startModbusServer();
  server.count("holding", 0);
  server.spoil({ kind: "late", ms: 150 });
  await using session = await Session.start(server, { registers: [{ name: "n", address: 0, data_type: "uint32" }] });
  await eventually("20 readings", () => session.readings("n").length >= 20);
  const numbers = session.readings("n").map((reading) => reading.value ?? 0);
  assert.deepEqual(numbers.slice(0, 20), Array.from({ length: 20 }, (_, index) => index + 2), "the first was too late");
  assert.equal(server.accepted, 1);
});

const SPOILT: Readonly<Record<string, { fault: Fault; says: RegExp }>> = {
  "an answer of another transaction": { fault: { kind: "wrong_transaction" }, says: /nobody asked for \(transaction/ },
  "an answer of another unit": {
    fault: { kind: "wrong_unit" },
    says: /comes from unit 84, asked was unit 1: set slave_id: 84/,
  },
  "an answer of another length": { fault: { kind: "wrong_length" }, says: /does not fit/ },
  "an answer that is no Modbus": { fault: { kind: "not_modbus" }, says: /protocol id 21760 is not Modbus/ },
  "a connection that the device ends": { fault: { kind: "drop" }, says: /the device closed it/ },
};

for (const [what, { fault, says }] of Object.entries(SPOILT)) {
  Deno.test(`ModbusSource gives the session up after ${what}`, async () => {
    await using server = startModbusServer();
    server.spoil(fault);
    await using session = await Session.start(server, { registers: [{ name: "t", address: 0 }] });
    const error = await session.ended;
    assert.ok(error instanceof ConnectionError, String(error));
    assert.match(error.message, says);
    assert.deepEqual(session.batches, []);
  });
}

Deno.test("ModbusSource reads all of a device that closes the connection after each answer, in one session", async () => {
  await using server = startModbusServer();
  server.hangUp();
  await using session = await Session.start(server, { registers: APART });
  for (const { name } of APART) await session.newReading(name);
  for (const { name } of APART) await session.newReading(name);
  assert.ok(server.accepted >= 2 * APART.length, `${server.accepted} connections`);
  assert.deepEqual(session.tagEvents, []);
});

Deno.test("ModbusSource gives the session up when the device closes each connection without an answer", async () => {
  await using server = startModbusServer();
  server.spoilAll("holding", { kind: "drop" });
  await using session = await Session.start(server, { registers: APART });
  assert.match(String(await session.ended), /the device closed it/);
  assert.equal(server.accepted, 1);
});

Deno.test("ModbusSource asks once more when the device closes the connection that has answered before", async () => {
  await using server = startModbusServer();
  await using session = await Session.start(server, { registers: [{ name: "t", address: 0 }] });
  await session.newReading("t");
  server.spoil({ kind: "drop" });
  await eventually("the second connection", () => server.accepted === 2);
  await session.newReading("t");
  assert.deepEqual(session.tagEvents, []);
});

const BREAKING: readonly Fault[] = [{ kind: "wrong_length" }, { kind: "drop" }];

for (const fault of BREAKING) {
  Deno.test(`ModbusSource reads the rest over its sessions when one request ends each of them (${fault.kind})`, async () => {
    await using server = startModbusServer();
    server.spoilAll("input", fault);
    const registers = [{ name: "bad", address: 0, register_type: "input" }, ...APART];
    await using sessions = new Sessions(server, { registers });
    for (const { name } of APART) await sessions.newReading(name);
    await eventually("the report", () => sessions.tagEvents.length > 0);
    assert.match(sessions.tagEvents[0] ?? "", /^failed bad: reading it ends the connection: /);
    for (const { name } of APART) await sessions.newReading(name);
    server.spoilAll();
    await sessions.newReading("bad");
    assert.equal(sessions.tagEvents.at(-1), "recovered bad");
    assert.equal(sessions.tagEvents.length, 2, "each change is told once");
  });
}

Deno.test("ModbusSource puts a request that ends the connection off, longer each time", async () => {
  await using server = startModbusServer();
  server.spoilAll("input", { kind: "wrong_length" });
  const registers = [{ name: "bad", address: 0, register_type: "input" }, { name: "t", address: 0 }];
  await using sessions = new Sessions(server, { registers, poll_interval_seconds: 0.02 });
  await eventually("60 readings", () => sessions.readings("t").length >= 60);
  const asked = server.seen.filter((read) => read.table === "input").length;
  assert.ok(asked <= 8, `60 intervals hold pauses of 2, 4, 8, 16 and 32: asked ${asked} times`);
});

Deno.test("ModbusSource puts an answer together that comes in pieces", async () => {
  await using server = startModbusServer();
  server.setRegister("holding", 0, 7);
  server.spoil({ kind: "in_pieces" });
  await using session = await Session.start(server, { registers: [{ name: "t", address: 0 }] });
  assert.equal((await session.newReading("t")).value, 7);
});

Deno.test("ModbusSource gives the session up when nothing answers", async () => {
  await using server = startModbusServer();
  server.silence(1);
  await using session = await Session.start(server, { registers: [{ name: "t", address: 0 }] });
  const error = await session.ended;
  assert.ok(error instanceof ConnectionError, String(error));
  assert.match(error.message, /takes connections and does not answer/);
});

Deno.test("ModbusSource says how long a device takes that answers after its time-out", async () => {
  await using server = startModbusServer();
  server.spoilAll("holding", { kind: "late", ms: 150 });
  await using session = await Session.start(server, { registers: [{ name: "t", address: 0 }] });
  const error = await session.ended;
  assert.ok(error instanceof ConnectionError, String(error));
  assert.match(error.message, /^The device answers after 0\.\d+ s: raise timeout_seconds above it$/);
});

Deno.test("ModbusSource says how long a unit takes that answers after its time-out, and reads the others", async () => {
  await using server = startModbusServer();
  server.spoilAll("input", { kind: "late", ms: 150 });
  await using session = await Session.start(server, {
    registers: [{ name: "quick", address: 0 }, { name: "slow", address: 0, register_type: "input", slave_id: 2 }],
  });
  await eventually("the reports", () => session.tagEvents.length > 1);
  assert.equal(session.tagEvents[0], "failed slow: unit 2 did not answer within 100 ms");
  assert.match(
    session.tagEvents[1] ?? "",
    /^failed slow: unit 2 answers after 0\.\d+ s: raise timeout_seconds above it$/,
  );
  await session.newReading("quick");
  server.spoilAll();
  await session.newReading("slow");
});

Deno.test("ModbusSource sends nothing while nobody takes its batches, and counts the polls it skipped", async () => {
  await using server = startModbusServer();
  const deps = fakeSourceDeps();
  await using source = sourceOf(server.port, { registers: [{ name: "t", address: 0 }] }, deps);
  await source.connect(AbortSignal.timeout(10_000));
  const batches = source.batches(new AbortController().signal)[Symbol.asyncIterator]();
  await batches.next();
  const since = performance.now();
  await eventually("ten intervals to pass", () => performance.now() - since > 100);
  assert.equal(server.requests, 1);
  await batches.next();
  await batches.next();
  assert.ok(skippedPolls(deps.events, "queue_full") >= 8, JSON.stringify(deps.events));
  await batches.return?.();
});

Deno.test("ModbusSource tells of skipped polls while nobody takes its batches, each once", async () => {
  await using server = startModbusServer();
  const deps = fakeSourceDeps();
  await using source = sourceOf(server.port, { registers: [{ name: "t", address: 0 }] }, deps);
  await source.connect(AbortSignal.timeout(10_000));
  const batches = source.batches(new AbortController().signal)[Symbol.asyncIterator]();
  await batches.next();
  const since = performance.now();
  await eventually("the skipped polls", () => skippedPolls(deps.events, "queue_full") > 0);
  assert.equal(server.requests, 1);
  await batches.next();
  await batches.return?.();
  const intervals = (performance.now() - since) / 10;
  assert.ok(skippedPolls(deps.events, "queue_full") <= intervals, `${intervals}: ${JSON.stringify(deps.events)}`);
});

Deno.test("ModbusSource counts the polls it skipped when it ends while nobody takes its batches", async () => {
  await using server = startModbusServer();
  const deps = fakeSourceDeps();
  await using source = sourceOf(server.port, { registers: APART }, deps);
  await source.connect(AbortSignal.timeout(10_000));
  const batches = source.batches(new AbortController().signal)[Symbol.asyncIterator]();
  await batches.next();
  const since = performance.now();
  await eventually("ten intervals to pass", () => performance.now() - since > 100);
  await batches.return?.();
  assert.ok(skippedPolls(deps.events, "queue_full") >= 24, JSON.stringify(deps.events));
});

Deno.test("ModbusSource tells polls skipped for a silent unit from those skipped for a slow one", async () => {
  await using server = startModbusServer();
  server.silence(2);
  const registers = [{ name: "alive", address: 0 }, { name: "dead", address: 0, slave_id: 2 }];
  await using silent = await Session.start(server, { registers });
  await eventually("skipped polls", () => skippedPolls(silent.deps.events, "silent") > 5);
  assert.ok(skippedPolls(silent.deps.events, "silent") > skippedPolls(silent.deps.events, "too_slow"));
  server.spoilAll("input", { kind: "late", ms: 50 });
  await using slow = await Session.start(server, { registers: [{ name: "t", address: 0, register_type: "input" }] });
  await eventually("skipped polls", () => skippedPolls(slow.deps.events, "too_slow") > 0);
  assert.equal(skippedPolls(slow.deps.events, "silent"), 0);
});

function skippedPolls(events: readonly SourceEvent[], cause: string): number {
  const counts = events.map((event) => event.kind === "device_side" && event.cause === cause ? event.count : 0);
  return counts.reduce((sum, count) => sum + count, 0);
}

Deno.test("ModbusSource reads each entry at its own interval", async () => {
  await using server = startModbusServer();
  await using session = await Session.start(server, {
    registers: [{ name: "quick", address: 0 }, { name: "slow", address: 0, poll_interval_seconds: 60 }],
  });
  await eventually("30 quick readings", () => session.readings("quick").length >= 30);
  await eventually("the slow reading", () => session.readings("slow").length > 0);
  assert.equal(session.readings("slow").length, 1);
});

Deno.test("ModbusSource rests between requests for request_delay_ms", async () => {
  await using server = startModbusServer();
  await using session = await Session.start(server, { registers: [{ name: "t", address: 0 }], request_delay_ms: 50 });
  await eventually("four readings", () => session.readings("t").length >= 4);
  const times = session.readings("t").slice(0, 4).map((reading) => reading.eventTimeUs);
  assert.ok((times.at(-1) ?? 0) - (times[0] ?? 0) >= 3 * 49_000, `${times}`);
});

Deno.test("ModbusSource gives no value where a register holds no BCD number, and says which", async () => {
  await using server = startModbusServer();
  server.setRegister("holding", 0, 0x1234, 0x1a34, 0x9999);
  await using session = await Session.start(server, {
    registers: [{ name: "b", address: 0, count: 3, data_type: "bcd16" }],
  });
  await session.newReading("b[2]");
  await session.newReading("b[2]");
  const says = "it holds no BCD number, but a digit above 9: check data_type, byte_order and address";
  assert.deepEqual(session.tagEvents, [`failed b[1]: ${says}`]);
  assert.deepEqual(session.readings("b[1]"), []);
  assert.equal(session.readings("b[0]")[0]?.value, 1234);
  server.setRegister("holding", 1, 0x0042);
  assert.equal((await session.newReading("b[1]")).value, 42);
  assert.deepEqual(session.tagEvents.slice(1), ["recovered b[1]"]);
});

Deno.test("ModbusSource rests after connecting for connect_delay_ms", async () => {
  await using server = startModbusServer();
  const since = performance.now();
  await using session = await Session.start(server, { registers: [{ name: "t", address: 0 }], connect_delay_ms: 60 });
  await session.newReading("t");
  assert.ok(performance.now() - since >= 60);
});

Deno.test("ModbusSource asks for no more than a device, or one of several, gives in one answer", async () => {
  await using server = startModbusServer();
  await using session = await Session.start(server, {
    max_registers_per_request: 50,
    max_coils_per_request: 300,
    registers: [
      { name: "r", address: 0, count: 120 },
      { name: "small", address: 200, count: 30, slave_id: 2, max_registers_per_request: 10 },
      { name: "c", address: 0, count: 700, register_type: "coil" },
    ],
  });
  for (const tag of ["r[119]", "small[29]", "c[699]"]) await session.newReading(tag);
  const mostOf = (unit: number, table: string) =>
    Math.max(...server.seen.filter((read) => read.unit === unit && read.table === table).map(({ count }) => count));
  assert.deepEqual([mostOf(1, "holding"), mostOf(2, "holding"), mostOf(1, "coil")], [50, 10, 300]);
});
