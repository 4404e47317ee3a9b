import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { fakeRoute, handover } from "../../tests/fakes/rows.ts";
import { MemoryBuffer } from "../buffer/memory_buffer.ts";
import { watchEventLoop } from "./event_loop.ts";
import { Metrics } from "./metrics.ts";

const options = { version: "1.2.3", startedUs: 1_700_000_000_500_000 };

async function lines(metrics: Metrics): Promise<string[]> {
  return (await metrics.text()).split("\n");
}

Deno.test("Metrics says which version runs and since when", async () => {
  const text = await lines(new Metrics(options));
  assert.ok(text.includes('connector_build_info{version="1.2.3"} 1'));
  assert.ok(text.includes("process_start_time_seconds 1700000000.5"));
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
