/** Opening, holding and losing lines, and gateways that pass the bytes of a line on. */
import assert from "node:assert/strict";
import { ConfigError, ConnectionError } from "../../src/core/error.ts";
import type { Source, SourceConfig } from "../../src/core/source.ts";
import { modbus } from "../../src/sources/modbus/spec.ts";
import { testSourceContract } from "../contract/source.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { LineEnd } from "../peers/line_relay.ts";
import { freePort } from "../peers/process.ts";
import { Pty } from "../peers/pty.ts";
import { eventually } from "../wait.ts";
import { LineReader, serialConfig, SerialStand } from "./modbus_serial_stand.ts";

const { create } = await modbus.load();
const UNIT = 5;
const BLOCK = { slave_id: UNIT, registers: [{ name: "h", address: 9 }] };

function sourceOf(config: SourceConfig): Source {
  return create(config, fakeSourceDeps());
}

testSourceContract({
  name: "ModbusSource on a serial line",
  async open() {
    const stand = await SerialStand.start();
    await stand.libmodbus(UNIT);
    const endpoint = `modbus+rtu://${stand.line.path}`;
    return {
      create: () => sourceOf(serialConfig(endpoint, BLOCK)),
      createDead: () => sourceOf(serialConfig(`modbus+rtu://${stand.directory}/none`, BLOCK)),
      createSilent: () => sourceOf(serialConfig(endpoint, { ...BLOCK, connect_delay_ms: 60_000 })),
      endPeer: () => stand.line.pull(),
      [Symbol.asyncDispose]: () => stand[Symbol.asyncDispose](),
    };
  },
});

testSourceContract({
  name: "ModbusSource on a gateway's line",
  async open() {
    const stand = await SerialStand.start();
    await stand.libmodbus(UNIT);
    const endpoint = `modbus+rtutcp://127.0.0.1:${stand.relay.host.port}`;
    return {
      create: () => sourceOf(serialConfig(endpoint, BLOCK)),
      createDead: () => sourceOf(serialConfig(`modbus+rtutcp://127.0.0.1:${freePort()}`, BLOCK)),
      createSilent: () => sourceOf(serialConfig(endpoint, { ...BLOCK, connect_delay_ms: 60_000 })),
      endPeer: () => stand.relay.host[Symbol.asyncDispose](),
      [Symbol.asyncDispose]: () => stand[Symbol.asyncDispose](),
    };
  },
});

for (const framing of ["rtu", "ascii"] as const) {
  Deno.test(`pymodbus: units behind a gateway that passes bytes on are read, and again when it closes (${framing})`, async () => {
    await using stand = await SerialStand.start();
    await stand.pymodbus(framing);
    await using reader = new LineReader(serialConfig(`modbus+${framing}tcp://127.0.0.1:${stand.relay.host.port}`, {
      registers: [{ name: "w", address: 7, slave_id: 3 }, { name: "v", address: 7, slave_id: 17 }],
    }));
    assert.deepEqual([await reader.next("w"), await reader.next("v")], [21, 119]);
    const { accepted } = stand.relay.host;
    stand.relay.host.unplug();
    await eventually("another connection", () => stand.relay.host.accepted > accepted);
    assert.deepEqual([await reader.next("w"), await reader.next("v")], [21, 119]);
    assert.deepEqual(reader.tagEvents, []);
  });
}

Deno.test("a gateway that speaks Modbus TCP, or whose line has another speed, is told apart from one that is silent", async () => {
  await using gateway = new LineEnd();
  gateway.onBytes = () => gateway.send({ bytes: Uint8Array.of(0, 1, 0, 0, 0, 3, 5, 0x83, 2), afterMs: 0 });
  await using reader = new LineReader(serialConfig(`modbus+rtutcp://127.0.0.1:${gateway.port}`, BLOCK));
  await eventually("the end", () => reader.endings.length > 0);
  assert.equal(
    reader.endings[0] instanceof ConnectionError && reader.endings[0].message,
    "The device takes connections and does not answer: unit 5 did not answer; what came is a " +
      "frame of Modbus TCP: use modbus+tcp:// for this gateway",
  );
});

Deno.test("a line on which only noise comes is told with the settings to look at", async () => {
  await using stand = await SerialStand.start();
  stand.relay.toDevice = (bytes) => {
    // What a receiver of half the speed makes of it.
    stand.relay.host.send({ bytes: Uint8Array.from(bytes, (byte) => byte ^ 0xe6), afterMs: 0 });
    return { bytes: new Uint8Array(), afterMs: 0 };
  };
  await using reader = new LineReader(serialConfig(`modbus+rtu://${stand.line.path}`, BLOCK));
  await eventually("the end", () => reader.endings.length > 0);
  assert.match(
    String(reader.endings[0]),
    /Nothing on the line \S+ttyPLC answers: unit 5 did not answer; what came is noise \(8 bytes\): check that baudrate,/,
  );
  assert.ok(reader.faults("line_noise") >= 3);
});

Deno.test("a line has one owner: a second source is told so, and has it once the first has gone", async () => {
  await using stand = await SerialStand.start();
  await stand.libmodbus(UNIT);
  const config = serialConfig(`modbus+rtu://${stand.line.path}`, BLOCK);
  await using second = sourceOf(config);
  {
    await using first = sourceOf(config);
    await first.connect(AbortSignal.timeout(10_000));
    await assert.rejects(
      second.connect(AbortSignal.timeout(10_000)),
      (error) => error instanceof ConnectionError && /another (source or )?program/.test(error.message),
    );
  }
  await using third = sourceOf(config);
  await third.connect(AbortSignal.timeout(10_000));
});

Deno.test("what is no serial line, and a line whose driver cannot do the format or switch RS-485, are errors that wait for a person", async () => {
  await using stand = await SerialStand.start();
  const open = async (endpoint: string, block: Record<string, unknown> = {}) => {
    await using source = sourceOf(serialConfig(endpoint, { ...BLOCK, ...block }));
    await source.connect(AbortSignal.timeout(10_000));
  };
  const file = `${stand.directory}/file`;
  await Deno.writeTextFile(file, "");
  const refusedWith = (says: RegExp) => (error: unknown) => error instanceof ConfigError && says.test(error.message);
  await assert.rejects(open(`modbus+rtu://${file}`), refusedWith(/file is no serial line, but \/\S+file; a line is/));
  await Deno.symlink("/dev/null", `${stand.directory}/link`);
  await assert.rejects(
    open(`modbus+rtu://${stand.directory}/link`),
    refusedWith(/link is no serial line, but \/dev\/null; a line is \/dev\/tty…/),
  );
  await assert.rejects(
    open(`modbus+ascii://${stand.line.path}`, { serial: { bytesize: 7, parity: "E" } }),
    refusedWith(/The driver of \S+ttyPLC cannot do 7E1 and chose 8N1: set bytesize, parity and stopbits/),
  );
  await assert.rejects(
    open(`modbus+rtu://${stand.line.path}`, { serial: { rs485: {} } }),
    refusedWith(/does not switch RS-485 .*: leave rs485 out where the adapter switches/),
  );
});

Deno.test("forty silent lines leave threads for files", async () => {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "lines_" });
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const asked = new Set<number>();
  await Promise.all(Array.from({ length: 40 }, async (_, index) => {
    const end = stack.use(new LineEnd());
    end.onBytes = () => void asked.add(index);
    const { path } = stack.use(await Pty.start(`${directory}/tty${index}`, end.port));
    stack.use(new LineReader(serialConfig(`modbus+rtu://${path}`, { ...BLOCK, serial: { timeout_seconds: 60 } })));
  }));
  await eventually("forty requests", () => asked.size === 40);
  const startedMs = performance.now();
  for (let n = 0; n < 20; n++) await Deno.readTextFile("/proc/self/stat");
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < 1000, `20 files took ${tookMs} ms`);
});
