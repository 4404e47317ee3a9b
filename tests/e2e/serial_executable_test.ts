/** dist/iot-connector-serial and a serial line, and what dist/iot-connector makes of one (`deno task build`). */
import assert from "node:assert/strict";
import { SerialStand } from "../interop/modbus_serial_stand.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";

const dist = new URL("../../dist/", import.meta.url).pathname;

async function start(name: string, line: string, tcpPort: number): Promise<Connector> {
  return await Connector.start({
    executable: `${dist}${name}`,
    ports: { gui: freePort(), metrics: freePort() },
    yaml: `version: 1
local_sink: { enabled: true }
resilience: { reconnect: { initial_delay_seconds: 0.1, max_delay_seconds: 1 } }
sources:
  - name: line
    protocol: modbus
    endpoint: modbus+rtu://${line}
    modbus:
      poll_interval_seconds: 0.05
      serial: { baudrate: 19200, timeout_seconds: 0.5 }
      registers: [{ name: h, address: 0, count: 10, slave_id: 5 }]
  - name: meter
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${tcpPort}
    modbus: { poll_interval_seconds: 0.05, registers: [{ name: t, address: 0 }] }
`,
  });
}

async function read(connector: Connector, source: string): Promise<number> {
  return await connector.metric(`connector_records_read_total{source="${source}"`) ?? 0;
}

Deno.test("iot-connector-serial reads a serial line, gets over a pulled cable, and ends with 0 on SIGTERM", async () => {
  await using stand = await SerialStand.start();
  await stand.libmodbus(5);
  await using server = startModbusServer();
  await using connector = await start("iot-connector-serial", stand.line.path, server.port);
  await eventually("values of the line", async () => await read(connector, "line") >= 100, 30_000);
  await stand.line.pull();
  const { message } = await connector.logged(/Source line is not connected: Lost the serial line/);
  assert.match(message, /check cable and adapter/);
  await stand.line.plugIn();
  const before = await read(connector, "line");
  await eventually("more values of the line", async () => await read(connector, "line") >= before + 100, 30_000);
  assert.equal(await connector.stop(), 0);
  assert.equal(connector.log.at(-1)?.balanced, true);
  assert.deepEqual(connector.log.filter(({ code }) => code === "bug"), []);
});

Deno.test("iot-connector says in one line that it opens no serial lines, and reads its other sources", async () => {
  await using stand = await SerialStand.start();
  await using server = startModbusServer();
  await using connector = await start("iot-connector", stand.line.path, server.port);
  const { message } = await connector.logged(/Source line needs a person/);
  assert.match(
    message,
    /opens no serial lines: run iot-connector-serial in its place, or reach the line through a gateway/,
  );
  await eventually("values of the other source", async () => await read(connector, "meter") >= 20, 30_000);
  assert.equal(connector.log.filter((line) => line.source === "line" && line.level !== "debug").length, 1);
  assert.equal(await connector.stop(), 0);
});
