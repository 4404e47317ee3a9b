import assert from "node:assert/strict";
import { ConnectionError } from "../../src/core/error.ts";
import type { ModbusReading } from "../../src/sources/modbus/reading.ts";
import { seededRandom } from "../crash/random.ts";
import { badWire, type WireFault } from "../peers/bad_wire.ts";
import { eventually } from "../wait.ts";
import { LineReader, serialConfig, SerialStand } from "./modbus_serial_stand.ts";

/** SERIAL_HITS=2000 SERIAL_SEED=7 deno test -A tests/interop/modbus_serial_test.ts for the long form. */
const HITS = Number(Deno.env.get("SERIAL_HITS") ?? 25);
const SEED = Number(Deno.env.get("SERIAL_SEED") ?? 1);

/** 100 words of a server and how it fills them. */
const WORDS = { name: "w", address: 0, count: 100 };

Deno.test("libmodbus: the four tables are read over a serial line", async () => {
  await using stand = await SerialStand.start();
  await stand.libmodbus(5);
  await using reader = new LineReader(serialConfig(`modbus+rtu://${stand.line.path}`, {
    slave_id: 5,
    registers: [
      { name: "h", address: 10, count: 125 },
      { name: "i", address: 0, count: 3, register_type: "input" },
      { name: "c", address: 0, count: 700, register_type: "coil" },
      { name: "d", address: 0, count: 9, register_type: "discrete" },
    ],
  }));
  assert.equal(await reader.next("h[124]"), (134 * 7) + 1);
  assert.equal(await reader.next("i[2]"), 24);
  assert.deepEqual([await reader.next("c[699]"), await reader.next("c[698]")], [1, 0]);
  assert.deepEqual([await reader.next("d[5]"), await reader.next("d[6]")], [1, 0]);
  assert.deepEqual(reader.tagEvents, []);
  assert.deepEqual(reader.endings, []);
});

for (const framing of ["rtu", "ascii"] as const) {
  Deno.test(`pymodbus: two units of one line are read in fair turns (${framing})`, async () => {
    await using stand = await SerialStand.start();
    await stand.pymodbus(framing);
    await using reader = new LineReader(serialConfig(`modbus+${framing}://${stand.line.path}`, {
      registers: [{ ...WORDS, slave_id: 3 }, { ...WORDS, name: "v", slave_id: 17 }],
    }));
    assert.equal(await reader.next("w[99]"), 297);
    assert.equal(await reader.next("v[99]"), 1683);
    while (reader.values("w[0]").length < 10) await reader.next("w[0]");
    assert.ok(Math.abs(reader.values("w[0]").length - reader.values("v[0]").length) <= 1);
    assert.deepEqual(reader.endings, []);
  });
}

Deno.test("a cable that is pulled ends the session, and data flows again once it is back", async () => {
  await using stand = await SerialStand.start();
  await stand.libmodbus(5);
  await using reader = new LineReader(serialConfig(`modbus+rtu://${stand.line.path}`, {
    slave_id: 5,
    registers: [{ name: "h", address: 9 }],
  }));
  assert.equal(await reader.next("h"), 64);
  await stand.line.pull();
  await eventually("the loss is seen, and that it is not there", () => reader.endings.length > 1);
  const [first, second] = reader.endings.map(String);
  assert.match(first ?? "", /^ConnectionError: Lost the serial line \S+ttyPLC: .*; check cable and adapter$/);
  assert.match(second ?? "", /^ConnectionError: Cannot open the serial line \S+: No such file .*plugged in/);
  assert.ok(reader.endings.every((error) => error instanceof ConnectionError), "each is retried");
  await stand.line.plugIn();
  assert.equal(await reader.next("h"), 64);
});

Deno.test("a line that hangs up, as the driver of an adapter does when it goes, is opened anew", async () => {
  await using stand = await SerialStand.start();
  await stand.libmodbus(5);
  await using reader = new LineReader(serialConfig(`modbus+rtu://${stand.line.path}`, {
    slave_id: 5,
    registers: [{ name: "h", address: 9 }],
  }));
  await reader.next("h");
  const hangUp = "import fcntl, os, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY), 0x5437)"; // TIOCVHANGUP
  const { success } = await new Deno.Command("python3", { args: ["-c", hangUp, stand.line.path] }).output();
  assert.ok(success);
  await eventually("the loss is seen", () => reader.endings.length > 0);
  assert.match(String(reader.endings[0]), /^ConnectionError: Lost the serial line \S+ttyPLC: it hung up; check cable/);
  assert.equal(await reader.next("h"), 64);
});

Deno.test("a line on which requests come back is read as any other", async () => {
  await using stand = await SerialStand.start();
  stand.relay.hasEcho = true;
  await stand.libmodbus(5);
  await using reader = new LineReader(serialConfig(`modbus+rtu://${stand.line.path}`, {
    slave_id: 5,
    registers: [{ name: "h", address: 9 }, { name: "c", address: 768, count: 20, register_type: "coil" }],
  }));
  assert.equal(await reader.next("h"), 64);
  assert.equal(await reader.next("c[0]"), 1, "its answer is as long as its request");
  for (let n = 0; n < 10; n++) await reader.next("h");
  assert.equal(reader.faults("line_noise") + reader.faults("line_foreign"), 0);
});

const DEAD_AND_ALIVE = {
  serial: { timeout_seconds: 0.1 },
  registers: [{ name: "dead", address: 0, slave_id: 9 }, { name: "alive", address: 9, slave_id: 3 }],
};

Deno.test("a unit that is not there costs the others of its line its time-outs and no more", async () => {
  await using stand = await SerialStand.start();
  await stand.pymodbus("rtu");
  stand.relay.toDevice = (bytes) => ({ bytes: bytes[0] === 9 ? new Uint8Array() : bytes, afterMs: 0 });
  await using reader = new LineReader(serialConfig(`modbus+rtu://${stand.line.path}`, DEAD_AND_ALIVE));
  await eventually("the report", () => reader.tagEvents.length > 0);
  assert.deepEqual(reader.tagEvents, ["failed dead: unit 9 did not answer within 100 ms"]);
  const before = reader.values("alive").length;
  await eventually("50 readings", () => reader.values("alive").length > before + 50);
  assert.deepEqual(reader.endings, []);
});

Deno.test("a unit that falls silent lets the others be read while late answers of it may come", async () => {
  await using stand = await SerialStand.start();
  await stand.pymodbus("rtu");
  const dead = [0, 200, 400].map((address) => ({ name: `dead${address}`, address, slave_id: 17 }));
  await using reader = new LineReader(serialConfig(`modbus+rtu://${stand.line.path}`, {
    serial: { timeout_seconds: 0.1 },
    registers: [...dead, { name: "alive", address: 9, slave_id: 3 }],
  }));
  for (const tag of ["dead400", "alive"]) await reader.next(tag);
  stand.relay.toDevice = (bytes) => ({ bytes: bytes[0] === 17 ? new Uint8Array() : bytes, afterMs: 0 });
  await eventually("all of it is reported", () => reader.tagEvents.length >= 3, 20_000);
  const times = reader.readings.filter(({ tag }) => tag === "alive").map(({ eventTimeUs }) => eventTimeUs / 1000);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  assert.ok(Math.max(...gaps) < 800, `${Math.max(...gaps)} ms without a value of the other`);
  assert.deepEqual(reader.endings, []);
});

Deno.test("libmodbus, which for half a second takes what follows a request to a dead unit for its answer, is read all the same", async () => {
  await using stand = await SerialStand.start();
  await stand.libmodbus(3);
  const serial = { timeout_seconds: 0.6 };
  await using reader = new LineReader(serialConfig(`modbus+rtu://${stand.line.path}`, { ...DEAD_AND_ALIVE, serial }));
  await eventually("20 readings", () => reader.values("alive").length > 20);
  assert.deepEqual(reader.tagEvents, ["failed dead: unit 9 did not answer within 600 ms"]);
  assert.deepEqual(reader.endings, []);
});

const WIRES: readonly { framing: "rtu" | "ascii"; faults: readonly WireFault[] }[] = [
  { framing: "rtu", faults: ["flip", "drop", "insert", "cut", "delay", "burst"] },
  // Its check sum is a byte: two faults of one frame may undo each other.
  { framing: "ascii", faults: ["flip", "cut", "delay"] },
];

for (const { framing, faults } of WIRES) {
  Deno.test(`no wrong value comes over a bad wire, and a good one is read at once again (${framing})`, async () => {
    await using stand = await SerialStand.start();
    await stand.pymodbus(framing);
    const random = seededRandom(SEED);
    const wire = badWire({ random, percent: 25, maxDelayMs: 300, faults });
    stand.relay.toHost = wire;
    stand.relay.toDevice = badWire({ random, percent: 5, maxDelayMs: 100, faults });
    // Two are of one length, so that a late answer to one could pass for that to the other.
    const at = [[0, 20], [40, 20], [80, 30]].map(([address, count]) => ({ name: `t${address}`, address, count }));
    await using reader = new LineReader(serialConfig(`modbus+${framing}://${stand.line.path}`, {
      serial: { timeout_seconds: 0.1 },
      registers: [
        ...at.map((entry) => ({ ...entry, slave_id: 3 })),
        ...at.map((entry) => ({ ...entry, name: `u${entry.address}`, slave_id: 17 })),
        { name: "c", address: 17, count: 20, register_type: "coil", slave_id: 17 },
      ],
    }));
    await eventually(`${HITS} hits`, () => wire.hits >= HITS, 600_000);
    assert.deepEqual(reader.readings.filter(isWrong).map(({ tag, value }) => `${tag} is ${value}`), []);
    assert.ok(reader.readings.length > HITS, `${reader.readings.length} values`);
    const [checksum, noise] = [reader.faults("line_checksum"), reader.faults("line_noise")];
    assert.ok(checksum > 0 && checksum + noise > HITS / 20, `${checksum} wrong check sums, ${noise} times noise`);
    stand.relay.toHost = stand.relay.toDevice = (bytes) => ({ bytes, afterMs: 0 });
    for (const tag of ["t0[1]", "u80[29]", "c[0]"]) await reader.next(tag);
    console.log(
      `${framing}: ${wire.hits} hits, ${reader.readings.length} values, ${reader.endings.length} sessions lost`,
    );
  });
}

/** Register n of unit u holds n * u; coil n is set where u divides n. */
function isWrong({ tag, value }: ModbusReading): boolean {
  const [, name = "", start = "", offset = ""] = /^([a-z])(\d*)\[(\d+)\]$/.exec(tag) ?? [];
  const address = Number(start) + Number(offset);
  if (name === "c") return value !== ((17 + address) % 17 === 0 ? 1 : 0);
  return value !== address * (name === "t" ? 3 : 17);
}
