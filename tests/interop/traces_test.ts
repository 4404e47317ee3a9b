/** Traces of a connector that runs, as the official messages of OpenTelemetry read them. */
import assert from "node:assert/strict";
import { startApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { Secret } from "../../src/lib/secret.ts";
import { Access } from "../../src/service/access.ts";
import { collectorAt } from "../../src/telemetry/mod.ts";
import { exportRequest } from "../../src/telemetry/traces/otlp.ts";
import { homeWith } from "../fakes/terminal.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { OtlpCollector, type ToldSpan } from "../peers/otlp_collector.ts";
import { freePort } from "../peers/process.ts";
import { provision } from "../peers/provision.ts";
import { eventually } from "../wait.ts";

const KEY = "canary-of-the-collector-4417";
const TAG = "canary-of-a-tag";
const VALUE = 1_313_162_316;
const CALLER = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };

/** A collector over TLS, and who vouches for it. */
async function startCollector(stack: AsyncDisposableStack) {
  await provision();
  const authority = await TestAuthority.create();
  const { certificate, privateKey } = await authority.issue({ hosts: ["127.0.0.1"] });
  const folder = await Deno.makeTempDir({ prefix: "collector_" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  Deno.writeTextFileSync(`${folder}/c.pem`, certificate);
  Deno.writeTextFileSync(`${folder}/k.pem`, privateKey);
  const collector = stack.use(await OtlpCollector.start(`${folder}/c.pem`, `${folder}/k.pem`));
  return { collector, roots: authority.certificate };
}

interface Ports {
  readonly modbus: number;
  readonly gui: number;
  readonly collector: number;
}

function yamlOf({ modbus, gui, collector }: Ports): string {
  return `version: 1
local_sink: { enabled: true }
gui: { port: ${gui} }
security: { ca_bundle_path: certs/plant.pem }
monitoring:
  metrics: { enabled: false }
  tracing:
    enabled: true
    service_name: press-hall
    sample_ratio: 1
    otlp: { endpoint: "https://127.0.0.1:${collector}/otlp", headers: [{ name: x-key, value: "\${IOT_TRACES_KEY}" }] }
sources:
  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${modbus}
    modbus: { poll_interval_seconds: 0.05, registers: [{ name: ${TAG}, address: 0, data_type: uint32 }] }
`;
}

async function startConnector(stack: AsyncDisposableStack, roots: string, collector: number) {
  const modbus = stack.use(startModbusServer());
  modbus.setRegister("holding", 0, VALUE >>> 16, VALUE & 0xffff);
  const gui = freePort();
  const home = stack.use(await homeWith(yamlOf({ modbus: modbus.port, gui, collector })));
  Deno.mkdirSync(`${home.path}/certs`, { recursive: true });
  Deno.writeTextFileSync(`${home.path}/certs/plant.pem`, roots);
  const access = new Access({ home: home.path, clock: systemClock });
  const by = { who: "ada", role: "administrator", user: "ada", from: "127.0.0.1" } as const;
  await access.addUser({ name: "ada", role: "administrator", password: new Secret("a long pass phrase") }, by);
  const token = access.addToken({ name: "a script", role: "viewer", days: 1 }, by).text.reveal();
  const loaded = await loadConfig({
    home: home.path,
    env: (name) => name === "IOT_TRACES_KEY" ? KEY : undefined,
    readTextFile: (path) => Deno.readTextFile(path),
  });
  const write = () => {};
  const app = stack.use(
    await startApp({ loaded, home: home.path, clock: systemClock, random: Math.random, write, access }),
  );
  const call = (path: string, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${gui}/api/${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
  return { app, call };
}

function hexOf(base64: string | undefined): string | undefined {
  return base64 && Uint8Array.fromBase64(base64).toHex();
}

/** The first trace that has all of these. */
function wholeTrace(spans: readonly ToldSpan[], names: readonly string[]): Map<string, ToldSpan> | undefined {
  const traces = Map.groupBy(spans, ({ traceId }) => traceId);
  const whole = [...traces.values()].find((all) => names.every((name) => all.some((span) => span.name === name)));
  return whole && new Map(whole.map((span) => [span.name, span]));
}

Deno.test("A collector has the way of a batch and the calls of the API, and no secret, name or value of a device", async () => {
  await using peers = new AsyncDisposableStack();
  const { collector, roots } = await startCollector(peers);
  await using stack = new AsyncDisposableStack();
  const { app, call } = await startConnector(stack, roots, collector.port);
  const traceparent = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
  const answer = await call(`sources/meters/status?search=${TAG}`, { traceparent });
  assert.equal(answer.status, 200, await answer.text());
  assert.match(answer.headers.get("traceparent") ?? "", new RegExp(`^00-${CALLER.traceId}-[0-9a-f]{16}-01$`));
  await eventually("rows are written", () => app.ledger().total.written >= 3, 20_000);
  await stack.disposeAsync(); // what waits is sent when the connector ends
  const { exports, spans } = collector;
  assert.deepEqual([...new Set(exports.map(({ path }) => path))], ["/otlp/v1/traces"]);
  assert.ok(exports.every(({ headers }) => headers["x-key"] === KEY));
  assertBatch(wholeTrace(spans, ["read", "encode", "commit", "send", "ack"]));
  assertCall(spans.find(({ name }) => name === "GET /api/sources/:name/status"));
  const told = JSON.stringify(exports.map(({ request }) => request));
  assert.match(told, /"press-hall"/);
  for (const canary of [KEY, TAG, String(VALUE), "ada"]) assert.ok(!told.includes(canary), canary);
});

function assertBatch(trace: Map<string, ToldSpan> | undefined): void {
  assert.ok(trace, "one trace has all of a batch");
  const batch = trace.get("batch");
  for (const name of ["read", "encode", "commit", "send", "ack"]) {
    const span = trace.get(name);
    assert.equal(span?.parentSpanId, batch?.spanId, name);
    assert.ok(BigInt(span?.endTimeUnixNano ?? 0) >= BigInt(span?.startTimeUnixNano ?? 1), name);
    assert.equal(span?.status?.code, undefined, name);
  }
  const start = (name: string) => BigInt(trace.get(name)?.startTimeUnixNano ?? 0);
  assert.equal(start("read"), start("batch"));
  assert.ok(start("read") <= start("encode") && start("encode") <= start("commit") && start("encode") <= start("send"));
  assert.ok(start("send") <= start("ack"));
  const ageMs = Date.now() - Number(start("batch") / 1_000_000n);
  assert.ok(ageMs >= 0 && ageMs < 60_000, `a batch of now: ${ageMs} ms ago`);
}

function assertCall(span: ToldSpan | undefined): void {
  assert.ok(span, "the call has a span");
  assert.deepEqual([hexOf(span.traceId), hexOf(span.parentSpanId), span.kind], [
    CALLER.traceId,
    CALLER.spanId,
    "SPAN_KIND_SERVER",
  ]);
  const attributes = Object.fromEntries(
    (span.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]),
  );
  assert.deepEqual(attributes, {
    "http.request.method": "GET",
    "http.route": "/api/sources/:name/status",
    "http.response.status_code": "200",
  });
}

Deno.test("The official messages read every kind of attribute, times to the microsecond, and a failure", async () => {
  await using peers = new AsyncDisposableStack();
  const { collector, roots } = await startCollector(peers);
  const client = peers.adopt(Deno.createHttpClient({ caCerts: [roots] }), (client) => client.close());
  const endpoint = `https://127.0.0.1:${collector.port}`;
  const receiver = collectorAt({ endpoint, headers: () => ({}), userAgent: "iot-connector/1", client });
  const ids = { traceId: CALLER.traceId, spanId: CALLER.spanId, parentId: undefined };
  const attributes = { text: "Presse Süd", whole: -7, part: 0.5, flag: true, empty: "" };
  const times = { startUs: 1_700_000_000_123_456, endUs: 1_700_000_000_123_457 };
  const span = { ...ids, name: "send", kind: "client", ...times, attributes, hasFailed: true } as const;
  const origin = { resource: { "service.name": "x" }, scope: { name: "iot-connector", version: "1" } };
  assert.equal(await receiver.send(exportRequest([span], origin), AbortSignal.timeout(10_000)), 0);
  const [told = assert.fail("nothing came")] = collector.spans;
  assert.deepEqual([hexOf(told.traceId), hexOf(told.spanId), told.parentSpanId], [ids.traceId, ids.spanId, undefined]);
  assert.deepEqual([told.startTimeUnixNano, told.endTimeUnixNano, told.status], [
    "1700000000123456000",
    "1700000000123457000",
    { code: "STATUS_CODE_ERROR" },
  ]);
  assert.deepEqual(told.attributes, [
    { key: "text", value: { stringValue: "Presse Süd" } },
    { key: "whole", value: { intValue: "-7" } },
    { key: "part", value: { doubleValue: 0.5 } },
    { key: "flag", value: { boolValue: true } },
    { key: "empty", value: { stringValue: "" } },
  ]);
});
