import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { Metrics, TraceScope } from "../telemetry/mod.ts";
import { openTraces } from "./traces.ts";

/** Takes any request, as a collector or as a proxy before one. */
function stand() {
  const hosts: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ headers }) => {
    hosts.push(headers.get("host"));
    return new Response();
  });
  return { hosts, port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Makes one trace, and ends. */
async function traceOnce(yaml: string, isOn = true): Promise<readonly string[]> {
  const { config } = await loadText(yaml);
  const log = new FakeLogger();
  const telemetry = {
    log,
    metrics: new Metrics({ version: "1", startedUs: 0 }),
    scope: isOn ? new TraceScope() : undefined,
  };
  await using traces = openTraces(config, {
    telemetry,
    clock: new FakeClock(),
    random: () => 0,
    extraRoots: undefined,
  });
  traces.tracer?.begin("batch")?.end();
  await traces[Symbol.asyncDispose]();
  return log.lines.map(({ message }) => message);
}

const yamlOf = (endpoint: string, proxyPort: number, otlp = "") =>
  `monitoring: { tracing: { enabled: true, otlp: { endpoint: "${endpoint}"${otlp} } } }\n` +
  `security: { network: { proxy: { enabled: true, https_proxy: "http://127.0.0.1:${proxyPort}", no_proxy: "" } } }`;

Deno.test("openTraces() goes through the plant's proxy to a collector elsewhere, and not to one on this host", async () => {
  await using proxy = stand();
  await using collector = stand();
  await traceOnce(yamlOf("http://collector.example:4318", proxy.port));
  assert.deepEqual([proxy.hosts, collector.hosts], [["collector.example:4318"], []]);
  await traceOnce(yamlOf(`http://127.0.0.1:${collector.port}`, proxy.port));
  assert.deepEqual([proxy.hosts.length, collector.hosts], [1, [`127.0.0.1:${collector.port}`]]);
});

Deno.test("openTraces() sends nothing where otlp is off, and makes nothing where traces are off", async () => {
  await using collector = stand();
  const endpoint = `http://127.0.0.1:${collector.port}`;
  assert.deepEqual(await traceOnce(yamlOf(endpoint, 1, ", enabled: false")), []);
  assert.deepEqual(await traceOnce(yamlOf(endpoint, 1), false), []);
  assert.deepEqual(collector.hosts, []);
});
