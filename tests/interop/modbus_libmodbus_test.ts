import assert from "node:assert/strict";
import type { ModbusReading } from "../../src/sources/modbus/reading.ts";
import { modbus } from "../../src/sources/modbus/spec.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { freePort, PeerProcess } from "../peers/process.ts";

const program = new URL("./peers/modbus_libmodbus_server.c", import.meta.url).pathname;

async function compile(directory: string): Promise<string> {
  const binary = `${directory}/modbus_server`;
  const args = ["-Wall", "-Werror", "-I/usr/include/modbus", program, "-lmodbus", "-o", binary];
  const { success, stderr } = await new Deno.Command("gcc", { args, stderr: "piped" }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return binary;
}

Deno.test("libmodbus: the four tables are read, and registers beyond its last fail alone", async () => {
  const directory = await Deno.makeTempDir();
  await using _directory = { [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
  const port = freePort();
  const { peer } = await PeerProcess.start(await compile(directory), { args: [String(port)], ready: /^listening$/ });
  await using _peer = peer;
  const settings = modbus.schema.parse({
    registers: [
      { name: "holding", address: 40011, count: 900 },
      { name: "last", address: 999 },
      { name: "modicon", address: 400123, addressing: "modicon" },
      { name: "coil_modicon", address: 1, addressing: "modicon", register_type: "coil" },
      { name: "input_modicon", address: 30124, addressing: "modicon", register_type: "input" },
      { name: "beyond", address: 1000 },
      { name: "input", address: 0, count: 900, register_type: "input" },
      { name: "coil", address: 0, count: 900, register_type: "coil" },
      { name: "discrete", address: 0, count: 900, register_type: "discrete" },
    ],
  });
  const deps = fakeSourceDeps();
  const endpoint = `modbus+tcp://127.0.0.1:${port}`;
  await using source = (await modbus.load()).create({ name: "plc", endpoint, labels: {}, settings }, deps);
  await source.connect(AbortSignal.timeout(10_000));

  const found = new Map<string, number | undefined>();
  for await (const { readings } of source.batches(AbortSignal.timeout(10_000))) {
    // The batches of this source hold its own readings.
    for (const { tag, value } of readings as readonly ModbusReading[]) found.set(tag, value);
    if (found.size === 4 + 4 * 900 && deps.events.length > 0) break;
  }
  const values = ["last", "modicon", "input_modicon", "coil_modicon"].map((tag) => found.get(tag));
  assert.deepEqual(values, [999, 122, 1123, 0]);
  const reason = "the device answers illegal data address (exception 2) for holding register 1000";
  assert.deepEqual(deps.events, [{ kind: "tag_failed", tag: "beyond", reason }]);
  for (let at = 0; at < 900; at++) {
    const values = ["holding", "input", "coil", "discrete"].map((table) => found.get(`${table}[${at}]`));
    assert.deepEqual(values, [10 + at, 1000 + at, at % 2, at % 5 === 0 ? 1 : 0]);
  }
});
