import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { fakeRoute, handover } from "../../tests/fakes/rows.ts";
import { MemoryBuffer } from "../buffer/memory_buffer.ts";
import { DecodeError } from "../core/error.ts";
import { METRIC_LABELS } from "../core/metric_labels.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { telemetryReport } from "./events.ts";
import { watchEventLoop } from "./event_loop.ts";
import { Metrics } from "./metrics.ts";
import { StatusBoard } from "./status.ts";
import { LEDGER_STATES, type WatchedBuffer, type WatchedTerms } from "./watched.ts";

const options = { version: "1.2.3", startedUs: 1_700_000_000_500_000 };

const none = Object.fromEntries(LEDGER_STATES.map((state) => [state, 0])) as Omit<WatchedTerms, "dropped">; // of all states
const emptyBuffer: WatchedBuffer = {
  level: () => ({ unsent: 0, maxUnsent: 10, queued: 0, queuedBytes: 0, spooledBytes: 0 }),
  ledger: () => ({ total: { ...none, dropped: {} }, sources: {}, balanced: true }),
};

async function lines(metrics: Metrics): Promise<string[]> {
  return (await metrics.text()).split("\n");
}

Deno.test("Metrics says which version runs and since when", async () => {
  const text = await lines(new Metrics(options));
  assert.ok(text.includes('connector_build_info{version="1.2.3"} 1'));
  assert.ok(text.includes("process_start_time_seconds 1700000000.5"));
});

Deno.test("what conditions of alerts may name is what Metrics has", () => {
  const found = new Metrics(options).described().flatMap(({ name, type, labels }) =>
    (type === "histogram" ? [`${name}_sum`, `${name}_count`] : [name]).map((each) => [each, labels])
  );
  assert.deepEqual(METRIC_LABELS, Object.fromEntries(found));
});

Deno.test("Metrics shows what the buffer holds and the ledger at the moment of the scrape", async () => {
  const clock = new FakeClock();
  await using buffer = new MemoryBuffer({
    edgeId: "e",
    bootEpoch: 1,
    maxUnsent: 100,
    maxUnsentBytes: 1e9,
    dropPolicy: "newest",
    warningThreshold: 0.8,
    maxRowBytes: 4e6,
    maxDeadLetterBytes: 1e6,
    clock,
    report: () => {},
  });
  const metrics = new Metrics(options);
  metrics.watch(buffer);
  await buffer.accept(handover(120), fakeRoute("press"), AbortSignal.timeout(1000));
  const text = await lines(metrics);
  for (
    const line of [
      "connector_queue_rows 100",
      "connector_queue_unsent_rows 100",
      "connector_queue_unsent_limit_rows 100",
      "connector_ledger_balanced 1",
      'connector_ledger_records{state="received"} 120',
      'connector_ledger_records{state="queued"} 100',
      'connector_ledger_records{state="dropped"} 20',
      'connector_ledger_records{state="written"} 0',
      'connector_source_ledger_records{source="press",state="dropped"} 20',
    ]
  ) assert.ok(text.includes(line), line);
});

Deno.test("Metrics shows the process as it is now, and its processor time as a counter", async () => {
  let cpuSeconds = 1;
  const metrics = new Metrics({ ...options, processUse: () => ({ residentBytes: 5, heapBytes: 3, cpuSeconds }) });
  await metrics.text();
  cpuSeconds = 2.5;
  const text = await lines(metrics);
  assert.ok(text.includes("process_resident_memory_bytes 5"));
  assert.ok(text.includes("# TYPE process_cpu_seconds_total counter"));
  assert.ok(text.includes("process_cpu_seconds_total 2.5"));
});

Deno.test("Metrics of two instances share nothing", async () => {
  const [one, other] = [new Metrics(options), new Metrics(options)];
  one.recordsWritten.add({ lane: "a" }, 3);
  assert.ok((await lines(one)).includes('connector_records_written_total{lane="a"} 3'));
  assert.doesNotMatch(await other.text(), /written_total\{/);
});

Deno.test("Metrics holds exactly one state of a source as true", async () => {
  const metrics = new Metrics(options);
  metrics.sourceState.set("p", "connected");
  metrics.sourceState.set("p", "halted");
  const states = (await lines(metrics)).filter((line) => line.startsWith("connector_source_state{"));
  assert.equal(states.length, 7);
  assert.deepEqual(states.filter((line) => line.endsWith(" 1")), [
    'connector_source_state{source="p",state="halted"} 1',
  ]);
});

Deno.test("Metrics follows Prometheus' rules for names", async () => {
  const names = (await lines(new Metrics(options))).filter((line) => line.startsWith("# TYPE ")).map((line) =>
    line.split(" ")
  );
  for (const [, , name = "", type] of names) {
    assert.match(name, /^(connector|process)_[a-z_]+$/);
    assert.equal(name.endsWith("_total"), type === "counter", name);
    if (type === "histogram") assert.match(name, /_seconds$/);
  }
  assert.ok(names.length > 30);
});

Deno.test("Metrics escapes a label's quotes and line ends", async () => {
  const metrics = new Metrics(options);
  metrics.recordsWritten.add({ lane: 'a"\n# b' });
  assert.ok((await lines(metrics)).includes('connector_records_written_total{lane="a\\"\\n# b"} 1'));
});

Deno.test("Metrics begins no more than 10,000 series of a counter", async () => {
  const metrics = new Metrics(options);
  for (let i = 0; i < 10_050; i++) metrics.recordsWritten.add({ lane: `l${i}` });
  metrics.recordsWritten.add({ lane: "l0" });
  const series = (await lines(metrics)).filter((line) => line.startsWith("connector_records_written_total{"));
  assert.equal(series.length, 10_000);
  assert.equal(series[0], 'connector_records_written_total{lane="l0"} 2');
});

Deno.test("watchEventLoop() observes how late its timer fires", async () => {
  const clock = new FakeClock();
  const metrics = new Metrics(options);
  using _watch = watchEventLoop(clock, metrics);
  await clock.advance(1000);
  assert.ok((await lines(metrics)).includes('connector_event_loop_delay_seconds_bucket{le="0.001"} 4'));
});

Deno.test("Metrics shows each source and lane from the first scrape, and none that is gone", async () => {
  const board = new StatusBoard(new FakeClock());
  board.expect({ sources: ["line_q7"], lanes: ["t#M"] });
  const metrics = new Metrics(options);
  metrics.watch(emptyBuffer, board);
  const before = await lines(metrics);
  for (
    const line of [
      'connector_source_up{source="line_q7"} 0',
      'connector_source_state{source="line_q7",state="stopped"} 1',
      'connector_source_failing_tags{source="line_q7"} 0',
      'connector_breaker_state{lane="t#M",state="closed"} 1',
      'connector_sink_connected{lane="t#M"} 0',
    ]
  ) assert.ok(before.includes(line), line);
  board.forget({ sources: ["line_q7"], lanes: ["t#M"] });
  metrics.forgetSource("line_q7");
  metrics.forgetLane("t#M");
  assert.doesNotMatch(await metrics.text(), /line_q7|t#M/);
});

Deno.test("Metrics does not take back what a lane's breaker said since", async () => {
  const board = new StatusBoard(new FakeClock());
  board.expect({ sources: [], lanes: ["t#M"] });
  const metrics = new Metrics(options);
  metrics.watch(emptyBuffer, board);
  metrics.breakerState.set("t#M", "open");
  assert.ok((await lines(metrics)).includes('connector_breaker_state{lane="t#M",state="open"} 1'));
});

Deno.test("Metrics shows when certificates end and how far the spool may grow, and forgets certificates of before", async () => {
  const metrics = new Metrics(options);
  metrics.limitSpool(1e9);
  metrics.certificatesEnd(new Map([["certs/a.pem", 1_800_000_000]]));
  metrics.certificatesEnd(new Map([["certs/b.pem", 1_900_000_000]]));
  const text = await lines(metrics);
  assert.ok(text.includes("connector_spool_limit_bytes 1000000000"));
  assert.deepEqual(text.filter((line) => line.startsWith("connector_certificate_expiry_timestamp_seconds{")), [
    'connector_certificate_expiry_timestamp_seconds{certificate="certs/b.pem"} 1900000000',
  ]);
});

Deno.test("Metrics of 500 sources with 100 tags each have no series per tag, and fewer than 20,000 in all", async () => {
  const clock = new FakeClock();
  const board = new StatusBoard(clock);
  const metrics = new Metrics(options);
  metrics.watch(emptyBuffer, board);
  const { report } = telemetryReport({ log: new FakeLogger(), metrics, clock, protocolOf: () => "opcua" });
  const error = new DecodeError("not_json", "The payload is not JSON");
  for (let i = 0; i < 500; i++) {
    const source = `line_${i}`;
    board.expect({ sources: [source], lanes: [] });
    report({ kind: "source_state", source, state: { state: "connected", since: 0 } });
    report({ kind: "readings_accepted", source, count: 100, lastEventUs: clock.nowUs() });
    for (let t = 0; t < 100; t++) {
      const tag = `tag_${t}`;
      report({ kind: "source_event", source, event: { kind: "tag_failed", tag, reason: "BadNodeIdUnknown" } });
      report({ kind: "dead_letter", source, tag, table: "t", error });
    }
  }
  const text = await metrics.text();
  assert.doesNotMatch(text, /tag_\d/);
  const series = text.split("\n").filter((line) => line && !line.startsWith("#"));
  assert.ok(series.length > 500 * 10 && series.length < 20_000, `${series.length} series`);
});

Deno.test("readings_accepted observes the age of the last reading once per group, and no more than a day of it", async () => {
  const clock = new FakeClock(1_700_000_000_000_000);
  const metrics = new Metrics(options);
  const { report } = telemetryReport({ log: new FakeLogger(), metrics, clock, protocolOf: () => "mqtt" });
  for (const ageUs of [40_000, -5_000_000, clock.nowUs()]) {
    report({ kind: "readings_accepted", source: "p", count: 10, lastEventUs: clock.nowUs() - ageUs });
  }
  report({ kind: "readings_accepted", source: "p", count: 10 });
  const text = await lines(metrics);
  for (
    const line of [
      'connector_accept_delay_seconds_bucket{le="0.025",protocol="mqtt"} 1', // of a clock that is ahead: 0
      'connector_accept_delay_seconds_bucket{le="0.05",protocol="mqtt"} 2',
      'connector_accept_delay_seconds_count{protocol="mqtt"} 3',
      'connector_accept_delay_seconds_sum{protocol="mqtt"} 86400.04',
      'connector_records_read_total{source="p",protocol="mqtt"} 40',
    ]
  ) assert.ok(text.includes(line), line);
});
