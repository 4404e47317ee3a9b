import assert from "node:assert/strict";
import { startApp } from "../../src/app.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { loadText } from "../fakes/config_file.ts";
import { type ModbusServer, startModbusServer } from "../peers/modbus_server.ts";
import { eventually } from "../wait.ts";

/** A start of the connector, until the one register behind the hole was read some times. @returns what the device was asked */
async function startOnce(home: string, server: ModbusServer) {
  const before = server.seen.length;
  const loaded = await loadText(`local_sink: { enabled: true }
gui: { enabled: false }
monitoring: { metrics: { enabled: false } }
sources:
  - name: plc
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${server.port}
    modbus: { poll_interval_seconds: 0.02, registers: [{ name: a, address: 0 }, { name: b, address: 2 }] }
`);
  await using app = await startApp({ loaded, home, clock: systemClock, random: () => 0.5, write: () => {} });
  const ofB = () => server.seen.slice(before).filter(({ start, count }) => start === 2 && count === 1);
  await eventually("three reads of what lies behind the hole", () => ofB().length >= 3);
  await app.stop();
  return server.seen.slice(before);
}

Deno.test("a restarted connector knows what a device does not have", async () => {
  const home = await Deno.makeTempDir();
  await using _home = { [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }) };
  await using server = startModbusServer();
  server.refuse({ table: "holding", from: 1, to: 1, code: 2 });
  const wholes = (seen: ModbusServer["seen"]) => seen.filter(({ count }) => count === 3).length;
  assert.equal(wholes(await startOnce(home, server)), 1);
  assert.equal(wholes(await startOnce(home, server)), 0);
  assert.deepEqual([...Deno.readDirSync(`${home}/memory`)].map(({ name }) => name), ["plc.json"]);
});
