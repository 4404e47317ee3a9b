import assert from "node:assert/strict";
import { DecodeError } from "../../src/core/error.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { Metrics, StatusBoard, telemetryReport, toAll, watchEventLoop } from "../../src/telemetry/mod.ts";
import { listen, metricsApp } from "../../src/web/mod.ts";
import { FakeLogger } from "../fakes/logger.ts";
import { Prometheus, promtool } from "../peers/prometheus.ts";
import { eventually } from "../wait.ts";

const MONITORING = new URL("../../docs/monitoring/", import.meta.url).pathname;
const LANE = "main.bronze.t#MQTTBronzeRecord";

/** Metrics in which something happened of each kind of series. */
function filled(): Metrics {
  const clock = systemClock;
  const metrics = new Metrics({ version: "1.2.3", startedUs: clock.nowUs() });
  const board = new StatusBoard(clock);
  board.expect({ sources: ["press", "oven"], lanes: [LANE] });
  const terms = {
    received: 5,
    written: 3,
    queued: 2,
    spooled: 0,
    dead_lettered: 0,
    filtered: 0,
    quarantined: 0,
    exported: 0,
    purged: 0,
    lost_at_crash: 0,
    dropped: {},
  };
  metrics.watch({
    level: () => ({ unsent: 1, maxUnsent: 10, queued: 2, queuedBytes: 200, spooledBytes: 900 }),
    ledger: () => ({ total: terms, sources: { press: terms }, balanced: true }),
  }, board);
  metrics.limitSpool(1000);
  metrics.certificatesEnd(new Map([['CN=a "quoted" name\\', clock.nowUs() / 1e6 + 86_400]]));
  const told = telemetryReport({ log: new FakeLogger(), metrics, clock, protocolOf: () => "mqtt" });
  const report = toAll(told.report, board.report);
  report({ kind: "source_state", source: "press", state: { state: "connected", since: clock.nowUs() } });
  report({ kind: "readings_accepted", source: "press", count: 5, lastEventUs: clock.nowUs() - 20_000 });
  report({ kind: "rows_sent", lane: LANE, count: 3, bytes: 300 });
  report({ kind: "rows_written", lane: LANE, count: 3, ackMs: 12 });
  const error = new DecodeError("not_json", "The payload is not JSON");
  report({ kind: "dead_letter", source: "press", tag: "a", table: "t", error });
  told.reportSink({ kind: "request_acked", lane: LANE, rows: 3, bytes: 300, ackMs: 8 });
  return metrics;
}

Deno.test("promtool finds nothing to say of the metrics", async () => {
  const { success, text } = await promtool(["check", "metrics"], { stdin: await filled().text() });
  assert.deepEqual({ success, text }, { success: true, text: "" });
});

Deno.test("promtool finds the alert rules right, and their tests pass", async () => {
  const rules = await promtool(["check", "rules", "alerts.yml"], { cwd: MONITORING });
  assert.ok(rules.success, rules.text);
  const tests = await promtool(["test", "rules", "alerts_test.yml"], { cwd: MONITORING });
  assert.ok(tests.success, tests.text);
});

Deno.test("Prometheus scrapes the listener, counts as we do, and evaluates the alert rules", async () => {
  const metrics = filled();
  using _loop = watchEventLoop(systemClock, metrics);
  await using listener = listen(metricsApp("/metrics", metrics, new FakeLogger()).fetch, {
    bind: "127.0.0.1",
    port: 0,
    setting: "monitoring.metrics.prometheus",
    clock: systemClock,
  });
  await using prometheus = await Prometheus.start(`127.0.0.1:${listener.address.port}`, `${MONITORING}alerts.yml`);
  await eventually("it was scraped", async () => (await prometheus.value("up")) === 1, 30_000);
  for (
    const [expression, value] of [
      ['connector_records_read_total{source="press", protocol="mqtt"}', 5],
      [`connector_records_written_total{lane="${LANE}"}`, 3],
      ['connector_ledger_records{state="received"}', 5],
      ['connector_source_up{source="oven"}', 0],
      ['connector_accept_delay_seconds_count{protocol="mqtt"}', 1],
      ['count(connector_certificate_expiry_timestamp_seconds{certificate="CN=a \\"quoted\\" name\\\\"})', 1],
      ["histogram_quantile(0.5, connector_delivery_seconds_bucket) <= bool 0.025", 1],
    ] as const
  ) assert.equal(await prometheus.value(expression), value, expression);
  await eventually("each rule was evaluated", async () => {
    const health = await prometheus.ruleHealth();
    assert.ok(!health.includes("err"), "a rule failed");
    return health.length > 10 && health.every((each) => each === "ok");
  }, 30_000);
  await eventually(
    "the certificate's alert fires",
    async () => (await prometheus.value('ALERTS{alertname="ConnectorCertificateEnds", alertstate="firing"}')) === 1,
    30_000,
  );
});
