/** Redundant endpoints and rate limits, by the connector as users start it. */
import assert from "node:assert/strict";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";

function start(...sources: readonly string[]): Promise<Connector> {
  const yaml = `version: 1
local_sink: { enabled: true }
resilience: { reconnect: { initial_delay_seconds: 0.05, max_delay_seconds: 0.2 } }
sources:
${sources.map((source) => `  - ${source}`).join("\n")}
`;
  return Connector.start({ yaml, ports: { gui: freePort(), metrics: freePort() } });
}

const REGISTERS = "poll_interval_seconds: 0.02, timeout_seconds: 0.5, registers: [{ name: a, address: 0 }]";

/** So many more readings of the source than there are now. */
async function more(connector: Connector, source: string, count = 3): Promise<void> {
  const read = async () => await connector.metric(`connector_records_read_total{source="${source}"`) ?? 0;
  const wanted = await read() + count;
  await eventually(`readings of ${source}`, async () => await read() >= wanted, 20_000);
}

Deno.test("A source is read at its next endpoint when one is lost, stays there, and goes back when that one is lost", async () => {
  const first = startModbusServer();
  await using second = startModbusServer();
  const addresses = [first, second].map(({ port }) => `modbus+tcp://127.0.0.1:${port}`);
  await using connector = await start(
    `{ name: meter, protocol: modbus, endpoint: "${addresses[0]}", endpoints: ["${
      addresses[1]
    }"], modbus: { ${REGISTERS} } }`,
  );
  const endpoint = async () => {
    const { sources } = await connector.health() as { sources: Record<string, { endpoint?: string }> };
    return sources.meter?.endpoint;
  };
  await more(connector, "meter");
  assert.equal(await endpoint(), addresses[0]);
  await first[Symbol.asyncDispose]();
  const line = await connector.logged(/^Source meter is read at .*, its endpoint 2 of 2: .* failed \(/);
  assert.deepEqual([line.level, line.endpoint], ["warn", addresses[1]]);
  await more(connector, "meter");
  await using again = startModbusServer({ port: first.port });
  await more(connector, "meter", 20);
  assert.equal(again.requests, 0, "it stays at the endpoint that works");
  assert.equal(await endpoint(), addresses[1]);
  await second[Symbol.asyncDispose]();
  await eventually("the first one is read", () => again.requests > 3, 20_000);
  assert.equal(
    await connector.metric(`connector_source_endpoint_in_use{source="meter",endpoint="${addresses[0]}"}`),
    1,
  );
  assert.equal(await connector.metric('connector_source_moves_total{source="meter"}'), 2);
  assert.equal(await connector.stop(), 0);
});

Deno.test("A device is asked no more often than requests_per_second says", async () => {
  await using device = startModbusServer();
  const registers = [0, 200, 400].map((address) => `{ name: r${address}, address: ${address} }`);
  await using connector = await start(
    `{ name: meter, protocol: modbus, endpoint: "modbus+tcp://127.0.0.1:${device.port}", ` +
      `rate_limit: { requests_per_second: 20 }, modbus: { poll_interval_seconds: 0.01, registers: [${registers}] } }`,
  );
  await eventually("it is asked", () => device.requests > 0, 20_000);
  const startMs = performance.now();
  const before = device.requests;
  await eventually("it is asked 20 times more", () => device.requests >= before + 20, 20_000);
  assert.ok(performance.now() - startMs > 900, `20 requests took ${performance.now() - startMs} ms`);
  assert.equal(await connector.stop(), 0);
});

Deno.test("What comes faster than readings_per_second waits at the broker, and all of it is accepted", async () => {
  await using broker = await Mosquitto.start();
  await using connector = await start(
    `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ` +
      `rate_limit: { readings_per_second: 200 }, mqtt: { receive_maximum: 20, topics: [{ topic: "plant/#", qos: 1 }] } }`,
  );
  await connector.logged(/^Source line is connected/);
  await using publisher = await connectPublisher(broker.port);
  const startMs = performance.now();
  const read = async (count: number) =>
    await eventually(
      `${count} are read`,
      async () => await connector.metric('connector_records_read_total{source="line"') === count,
      30_000,
    );
  await publisher.numbers("plant/oven", 800);
  await read(800); // a broker may send many at once: what was taken is paid for by who comes next
  await publisher.publish("plant/oven", "800");
  await read(801);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs > 2900, `800 readings at 200 per second, but for a burst of a second, took ${tookMs} ms`);
  assert.equal(await connector.metric("connector_records_dropped_total") ?? 0, 0);
  assert.equal(await connector.stop(), 0);
});
