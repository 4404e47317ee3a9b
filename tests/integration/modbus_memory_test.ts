/** What a Modbus source finds out about a device and keeps. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/lib/clock.ts";
import { FakeSourceMemory } from "../fakes/source_memory.ts";
import { type ModbusServer, type Refusing, startModbusServer } from "../peers/modbus_server.ts";
import { eventually } from "../wait.ts";
import { Session } from "./modbus_session.ts";

/** Four values, the third of which the device does not have. */
const REGISTERS = [0, 2, 4, 6].map((address) => ({ name: `t${address}`, address }));
const HOLE: Refusing = { table: "holding", from: 4, to: 5, code: 2 };
const DAY_US = 24 * 3_600_000_000;

/** A start of the connector, until all that is there was read and the hole was told. @returns what was asked meanwhile */
async function startOnce(
  server: ModbusServer,
  { memory, registers = REGISTERS, nowUs = systemClock.nowUs }: {
    memory: FakeSourceMemory;
    registers?: readonly { name: string; address: number }[];
    nowUs?: () => number;
  },
) {
  const before = server.seen.length;
  await using session = await Session.start(server, { registers }, { memory, clock: { ...systemClock, nowUs } });
  await eventually("the report", () => session.tagEvents.length > 0);
  for (const { name } of registers) if (name !== "t4") await session.newReading(name);
  return server.seen.slice(before);
}

/** Whether a read crosses the hole: it asks for more than what is known not to be there. */
function crossesHole({ start, count }: { start: number; count: number }): boolean {
  return start < 4 && start + count > 4;
}

Deno.test("ModbusSource asks after a restart for no more of a hole than whether it is still there", async () => {
  await using server = startModbusServer();
  server.refuse(HOLE);
  const memory = new FakeSourceMemory();
  assert.ok((await startOnce(server, { memory })).some(crossesHole), "it has to be found first");
  const second = await startOnce(server, { memory });
  assert.deepEqual(second.filter(crossesHole), []);
  assert.ok(second.some(({ start }) => start === 4), "it is looked at again");
});

Deno.test("ModbusSource forgets a hole that answers after a restart", async () => {
  await using server = startModbusServer();
  server.refuse(HOLE);
  const memory = new FakeSourceMemory();
  await startOnce(server, { memory });
  server.refuseNothing();
  await using session = await Session.start(server, { registers: REGISTERS }, { memory });
  await session.newReading("t4");
  await eventually("one request again", () => server.seen.at(-1)?.count === 7);
  assert.deepEqual(session.tagEvents, []);
  assert.equal(memory.recall("parts"), undefined);
});

Deno.test("ModbusSource forgets the holes when the mapping changes", async () => {
  await using server = startModbusServer();
  server.refuse(HOLE);
  const memory = new FakeSourceMemory();
  await startOnce(server, { memory });
  const registers = [...REGISTERS, { name: "t7", address: 7 }];
  assert.ok((await startOnce(server, { memory, registers })).some(crossesHole));
});

Deno.test("ModbusSource forgets the holes of another device", async () => {
  await using server = startModbusServer();
  await using other = startModbusServer();
  for (const each of [server, other]) each.refuse(HOLE);
  const memory = new FakeSourceMemory();
  await startOnce(server, { memory });
  assert.ok((await startOnce(other, { memory })).some(crossesHole));
  for (const each of [server, other]) {
    assert.deepEqual((await startOnce(each, { memory })).filter(crossesHole), [], "both are known now");
  }
});

Deno.test("ModbusSource keeps what it knows of the newest eight plans", async () => {
  await using server = startModbusServer();
  server.refuse(HOLE);
  const memory = new FakeSourceMemory();
  for (let address = 7; address < 17; address++) {
    await startOnce(server, { memory, registers: [...REGISTERS, { name: "more", address }] });
  }
  assert.equal(Object.keys(Object(memory.recall("parts"))).length, 8);
});

Deno.test("ModbusSource tries what it reads in parts as a whole again after a day", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "holding", from: 3, to: 3, code: 2 }); // between two entries: no entry fails
  const registers = REGISTERS;
  const memory = new FakeSourceMemory();
  const wholes = async (laterUs: number) => {
    const before = server.seen.length;
    const clock = { ...systemClock, nowUs: () => systemClock.nowUs() + laterUs };
    await using session = await Session.start(server, { registers }, { memory, clock });
    for (let round = 0; round < 3; round++) await session.newReading("t6");
    return server.seen.slice(before).filter(({ start, count }) => start === 0 && count === 7).length;
  };
  assert.equal(await wholes(0), 1);
  assert.equal(await wholes(DAY_US - 60_000_000), 0);
  assert.equal(await wholes(DAY_US + 2_000_000), 1);
});

/** In place of what is kept of a plan. */
const DAMAGED = [7, "x", [], { 0: 7 }, { 0: { since: "now", parts: [] } }, { 0: { since: 1, parts: [[0, 9, 0, 1]] } }];

for (const damaged of DAMAGED) {
  Deno.test(`ModbusSource finds holes anew where its memory holds ${JSON.stringify(damaged)}`, async () => {
    await using server = startModbusServer();
    server.refuse(HOLE);
    const memory = new FakeSourceMemory();
    await startOnce(server, { memory });
    const [mark = ""] = Object.keys(Object(memory.recall("parts")));
    memory.keep("parts", { [mark]: damaged });
    assert.ok((await startOnce(server, { memory })).some(crossesHole));
  });
}

Deno.test("ModbusSource does not trust parts that leave values out", async () => {
  await using server = startModbusServer();
  server.refuse(HOLE);
  const memory = new FakeSourceMemory();
  await startOnce(server, { memory });
  const kept = Object(memory.recall("parts"));
  for (const plan of Object.values(kept)) Object(plan)[0].parts.pop();
  memory.keep("parts", kept);
  assert.ok((await startOnce(server, { memory })).some(crossesHole), "it is found anew");
});

Deno.test("ModbusSource does not ask for a hole as a whole again because the connection was lost", async () => {
  await using server = startModbusServer();
  server.refuse(HOLE);
  await using session = await Session.start(server, { registers: REGISTERS });
  await eventually("the report", () => session.tagEvents.length > 0);
  const before = server.seen.length;
  server.dropConnections();
  await eventually("the next connection", () => server.accepted === 2);
  for (const tag of ["t0", "t2", "t6"]) await session.newReading(tag);
  assert.deepEqual(server.seen.slice(before).filter(crossesHole), []);
});

Deno.test("ModbusSource reads every coil around a very long hole, to its edges", async () => {
  await using server = startModbusServer();
  server.refuse({ table: "coil", from: 13, to: 1986, code: 2 });
  await using session = await Session.start(server, {
    registers: [{ name: "c", address: 0, count: 2000, register_type: "coil" }],
    timeout_seconds: 2,
  });
  await eventually("the report", () => session.tagEvents.length > 0, 20_000);
  const reason = "the device answers illegal data address (exception 2) for coils 13 to 1986";
  assert.deepEqual(session.tagEvents, [`failed c[13..1986]: ${reason}`]);
  for (const index of [0, 12, 1987, 1999]) await session.newReading(`c[${index}]`);
  assert.ok(server.requests < 600, `${server.requests} requests`);
});

Deno.test("ModbusSource finds out that a device gives one register at a time, and keeps to it after a restart", async () => {
  await using server = startModbusServer();
  server.allowAtMost("holding", 1);
  const memory = new FakeSourceMemory();
  const registers = [{ name: "r", address: 0, count: 40 }, { name: "wide", address: 40, data_type: "float32" }];
  const asked = async () => {
    const before = server.seen.length;
    await using session = await Session.start(server, { registers }, { memory });
    for (const index of [0, 17, 39]) await session.newReading(`r[${index}]`);
    await eventually("the report", () => session.tagEvents.length > 0);
    const reason = "the device answers illegal data value (exception 3) for holding registers 40 to 41";
    assert.deepEqual(session.tagEvents, [`failed wide: ${reason}`]);
    return server.seen.slice(before).filter(({ start, count }) => start < 40 && count > 1).length;
  };
  assert.ok(await asked() > 0);
  assert.equal(await asked(), 0);
});

Deno.test("ModbusSource asks for one register at a time where max_registers_per_request is 1", async () => {
  await using server = startModbusServer();
  server.allowAtMost("holding", 1);
  await using session = await Session.start(server, {
    registers: [{ name: "r", address: 0, count: 40 }],
    max_registers_per_request: 1,
  });
  for (const index of [0, 17, 39]) await session.newReading(`r[${index}]`);
  assert.ok(server.seen.every(({ count }) => count === 1));
  assert.deepEqual(session.tagEvents, []);
});
