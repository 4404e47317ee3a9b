import assert from "node:assert/strict";
import { ConnectionError } from "../../src/core/error.ts";
import type { ModbusReading } from "../../src/sources/modbus/reading.ts";
import { modbus } from "../../src/sources/modbus/spec.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { freePort, PeerProcess } from "../peers/process.ts";
import { PYTHON } from "../peers/provision.ts";

/** An entry of `registers:`, and what the server packed there. */
interface Entry extends Record<string, unknown> {
  readonly name: string;
  readonly expected: number | string | number[];
}

const script = new URL("./peers/modbus_pymodbus_server.py", import.meta.url).pathname;

async function startPymodbus(): Promise<{ peer: PeerProcess; port: number; entries: Entry[] }> {
  const port = freePort();
  const { peer, ready } = await PeerProcess.start(PYTHON, {
    args: [script, "--port", String(port)],
    ready: /^listening (.*)$/,
  });
  return { peer, port, entries: JSON.parse(ready[1] ?? "[]") };
}

async function open(port: number, registers: Record<string, unknown>[]) {
  const deps = fakeSourceDeps();
  const settings = modbus.schema.parse({
    slave_id: 7,
    addressing: "zero_based",
    poll_interval_seconds: 0.02,
    registers,
  });
  const endpoint = `modbus+tcp://127.0.0.1:${port}`;
  const source = (await modbus.load()).create({ name: "plc", endpoint, labels: {}, settings }, deps);
  await source.connect(AbortSignal.timeout(10_000));
  return { source, deps };
}

/** The first reading of each tag, until there are `count`. */
async function firstReadings(source: Awaited<ReturnType<typeof open>>["source"], count: number) {
  const found = new Map<string, ModbusReading>();
  for await (const { readings } of source.batches(AbortSignal.timeout(10_000))) {
    // The batches of this source hold its own readings.
    for (const reading of readings as readonly ModbusReading[]) {
      found.set(reading.tag, found.get(reading.tag) ?? reading);
    }
    if (found.size >= count) break;
  }
  return found;
}

/** What was read of `entry`, in the shape of what the server says it packed. */
function readOf({ name, expected }: Entry, found: ReadonlyMap<string, ModbusReading>): unknown {
  if (Array.isArray(expected)) return expected.map((_, index) => found.get(`${name}[${index}]`)?.value);
  const reading = found.get(name);
  return typeof expected === "string" ? reading?.text : reading?.value;
}

Deno.test("pymodbus: every type in all four orders, strings in every encoding, 2,500 coils and 2,500 discrete inputs are read as it packed them", async () => {
  const { peer, port, entries } = await startPymodbus();
  await using _peer = peer;
  const { source, deps } = await open(port, entries.map(({ expected: _, ...settings }) => settings));
  await using _source = source;
  const values = entries.reduce((sum, { expected }) => sum + (Array.isArray(expected) ? expected.length : 1), 0);
  const found = await firstReadings(source, values);
  assert.equal(entries.length, 91);
  for (const entry of entries) assert.deepEqual(readOf(entry, found), entry.expected, entry.name);
  assert.deepEqual(deps.events.filter((event) => event.kind === "tag_failed"), []);
});

const ORDER_NAMES: Readonly<Record<string, string>> = {
  "big big": "ABCD",
  "big little": "CDAB",
  "little big": "BADC",
  "little little": "DCBA",
};

Deno.test("pymodbus: browsing shows numbers of 32 bits as it packed them, among the alternatives", async () => {
  const { peer, port, entries } = await startPymodbus();
  await using _peer = peer;
  const settings = modbus.schema.parse({ slave_id: 7 });
  const config = { name: "plc", endpoint: `modbus+tcp://127.0.0.1:${port}`, labels: {}, settings };
  await using session = (await modbus.load()).browse?.(config, fakeSourceDeps()) ?? assert.fail();
  await session.connect(AbortSignal.timeout(10_000));
  const request = { under: "holding:0-199", after: undefined, limit: 1000, listenMs: 0 };
  const { nodes } = await session.children(request, AbortSignal.timeout(10_000));
  const packed = entries.filter((entry) =>
    entry.register_type === "holding" && /^(u?int|float)32$/.test(String(entry.data_type))
  );
  for (const { name, address, data_type, byte_order, word_order, expected } of packed) {
    const node = nodes.find(({ id }) => id === `holding:${address}`);
    const called = `${data_type} ${ORDER_NAMES[`${byte_order} ${word_order}`]}`;
    const shown = node?.alternatives?.find(({ dataType }) => dataType === called);
    assert.equal(shown?.sample?.value, String(expected), name);
  }
  assert.equal(packed.length, 12);
});

Deno.test("pymodbus: a register that it does not have costs no other register", async () => {
  const { peer, port } = await startPymodbus();
  await using _peer = peer;
  const addresses = [495, 499, 500, 501, 505];
  const { source, deps } = await open(port, addresses.map((address) => ({ name: `t${address}`, address })));
  await using _source = source;
  const found = await firstReadings(source, 4);
  assert.deepEqual([...found.values()].map((reading) => reading.value).sort(), [495, 499, 501, 505]);
  const failed = deps.events.flatMap((event) => (event.kind === "tag_failed" ? [event.tag] : []));
  assert.deepEqual(failed, ["t500"]);
});

Deno.test("pymodbus: a unit that it does not have costs no other unit", async () => {
  const { peer, port } = await startPymodbus();
  await using _peer = peer;
  const { source } = await open(port, [{ name: "none", address: 490, slave_id: 9 }, { name: "there", address: 490 }]);
  await using _source = source;
  const found = await firstReadings(source, 1);
  assert.equal(found.get("there")?.value, 490);
});

Deno.test("pymodbus: its death ends the session with ConnectionError", async () => {
  const { peer, port } = await startPymodbus();
  await using _peer = peer;
  const { source } = await open(port, [{ name: "t", address: 490 }]);
  await using _source = source;
  await firstReadings(source, 1);
  const rest = source.batches(AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
  peer.kill("SIGKILL");
  await assert.rejects(async () => {
    while (!(await rest.next()).done);
  }, ConnectionError);
});
