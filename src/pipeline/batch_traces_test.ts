import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { fakeRoute, handover, numbered } from "../../tests/fakes/rows.ts";
import { FakeSink } from "../../tests/fakes/sink.ts";
import { eventually } from "../../tests/wait.ts";
import { MemoryBuffer } from "../buffer/memory_buffer.ts";
import { ConnectionError, RejectedError } from "../core/error.ts";
import type { Batch } from "../core/reading.ts";
import { Backoff } from "../lib/backoff.ts";
import { type FinishedSpan, JsonLog, Metrics, SpanMaker, telemetryReport, TraceScope } from "../telemetry/mod.ts";
import { BatchTraces } from "./batch_traces.ts";
import { Breaker } from "./breaker.ts";
import { Forwarder } from "./forwarder.ts";

const NEVER = new AbortController().signal;
const route = fakeRoute();
const lane = route.lane.id;

/** Batches that are traced on their way through a memory buffer to a fake sink, and what the log says meanwhile. */
class Stand implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly spans: FinishedSpan[] = [];
  readonly lines: Record<string, unknown>[] = [];
  readonly sink = new FakeSink();
  readonly buffer: MemoryBuffer;
  readonly traces: BatchTraces;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(ratio = 1) {
    const { clock, sink } = this;
    const scope = new TraceScope();
    const finished = (span: FinishedSpan) => void this.spans.push(span);
    this.traces = new BatchTraces(new SpanMaker({ ratio, random: () => 0.5, clock, scope, finished }), clock);
    const write = (line: string) => void this.lines.push(JSON.parse(line));
    const log = JsonLog.open({ clock, write, level: "debug", format: "json", trace: scope });
    const metrics = new Metrics({ version: "1", startedUs: 0 });
    const { report } = telemetryReport({ log, metrics, clock, protocolOf: () => "fake" });
    const bounds = {
      maxUnsent: 1e5,
      maxUnsentBytes: 1e9,
      warningThreshold: 1,
      maxRowBytes: 100,
      maxDeadLetterBytes: 1e6,
    };
    this.buffer = new MemoryBuffer({ edgeId: "e", bootEpoch: 1, ...bounds, dropPolicy: "reject_new", clock, report });
    const times = { failureThreshold: 3, successThreshold: 2, openMs: 60_000, probeMs: 60_000 };
    const forwarder = new Forwarder({
      lane,
      sink,
      buffer: this.buffer,
      limits: { maxRows: 10, maxBytes: 1e6, maxWaitMs: 1000 },
      maxInFlightBytes: 1e6,
      breaker: new Breaker({ isEnabled: true, ...times, clock, changed: () => {} }),
      backoff: new Backoff({ initialMs: 1000, maxMs: 8000, multiplier: 2, random: () => 0.5 }),
      clock,
      report,
      traces: this.traces,
    });
    this.#running = forwarder.run(this.#stop.signal);
  }

  async accept(batch: Partial<Batch>): Promise<void> {
    const whole: Batch = { ...handover(0), ack: () => {}, nack: () => {}, ...batch };
    await this.traces.accept(whole, { buffer: this.buffer, route, signal: NEVER, askedAtMs: this.clock.monotonicMs() });
  }

  /** Moves time until so many spans of this name are over. */
  async over(name: string, count = 1): Promise<FinishedSpan[]> {
    return await eventually(`${count} ${name}`, async () => {
      await this.clock.advance(500);
      const found = this.named(name);
      return found.length >= count ? found : undefined;
    });
  }

  named(name: string): FinishedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("over"));
    await this.#running;
  }
}

Deno.test("A traced batch has its spans in one trace, below that of the batch, from reading to acknowledgement", async () => {
  await using stand = new Stand();
  await stand.accept({ readings: numbered(3) });
  const [batch = assert.fail("no batch")] = await stand.over("batch");
  assert.deepEqual(stand.spans.map(({ name }) => name).sort(), ["ack", "batch", "commit", "encode", "read", "send"]);
  for (const span of stand.spans) {
    assert.equal(span.traceId, batch.traceId);
    assert.equal(span.parentId, span === batch ? undefined : batch.spanId);
    assert.ok(!span.hasFailed);
  }
  assert.deepEqual(batch.attributes, { source: "press", lane, readings: 3 });
  assert.deepEqual(stand.named("send")[0]?.attributes, { rows: 3, rejected: 0 });
});

Deno.test("A send that fails is told by its code, its log line names it, and the repetition is in the same trace", async () => {
  await using stand = new Stand();
  stand.sink.failure = new ConnectionError("lost", "a message with what nobody may see");
  await stand.accept({ readings: numbered(3) });
  const [failed = assert.fail("no send")] = await stand.over("send");
  assert.deepEqual([failed.hasFailed, failed.attributes], [true, { rows: 3, "error.type": "lost" }]);
  const line = stand.lines.find(({ code }) => code === "lost");
  assert.deepEqual([line?.trace_id, line?.span_id], [failed.traceId, failed.spanId]);
  stand.sink.failure = undefined;
  const [, again = assert.fail("no repetition")] = await stand.over("send", 2);
  assert.deepEqual([again.traceId, again.hasFailed], [failed.traceId, false]);
  await stand.over("ack");
  assert.ok(!JSON.stringify(stand.spans).includes("nobody may see"));
});

Deno.test("A reading that is refused while its batch is accepted has the batch in its log line", async () => {
  await using stand = new Stand();
  await stand.accept({ readings: numbered(1, 0, "a tag that is too long for a row of this buffer ".repeat(5)) });
  const line = stand.lines.find(({ message }) => /dead letter|cannot/i.test(String(message)));
  const [batch = assert.fail("no batch")] = await stand.over("batch");
  assert.deepEqual([line?.trace_id, line?.span_id], [batch.traceId, batch.spanId]);
});

Deno.test("What is acknowledged is told of no more: later rows have no spans of earlier batches", async () => {
  await using stand = new Stand();
  await stand.accept({ readings: numbered(3) });
  await stand.over("ack");
  await stand.accept({ readings: numbered(3, 3) });
  const sends = await stand.over("send", 2);
  await stand.over("ack", 2);
  assert.equal(sends.length, 2);
  assert.equal(stand.traces.waiting, 0);
  assert.notEqual(sends[0]?.traceId, sends[1]?.traceId);
});

Deno.test("A batch that is sent in pieces has the spans of each of them", async () => {
  await using stand = new Stand();
  await stand.accept({ readings: numbered(25) });
  await stand.over("ack", 3);
  assert.deepEqual(stand.named("send").map(({ attributes }) => attributes.rows), [10, 10, 5]);
  assert.equal(new Set(stand.spans.map(({ traceId }) => traceId)).size, 1);
  assert.equal(stand.traces.waiting, 0);
});

Deno.test("What was acknowledged behind a batch that failed is told to be sent again", async () => {
  await using stand = new Stand();
  stand.sink.holds = true;
  await stand.accept({ readings: numbered(20) });
  await eventually("two sends are open", () => stand.sink.open.length === 2);
  const [first, second] = stand.sink.open.splice(0);
  second?.ack();
  await eventually("the second is acknowledged", () => stand.named("send").length === 1);
  first?.fail(new ConnectionError("lost", "the way broke"));
  const [ack = assert.fail("no ack")] = await stand.over("ack");
  assert.deepEqual(ack.attributes, { "error.type": "sent_again" });
  stand.sink.release();
  await stand.over("ack", 3);
});

Deno.test("A row that the table refuses has the acknowledgement in the log line of its dead letter", async () => {
  await using stand = new Stand();
  stand.sink.holds = true;
  await stand.accept({ readings: numbered(2) });
  const [send = assert.fail("no send")] = await eventually("it is sent", async () => {
    await stand.clock.advance(500);
    return stand.sink.open.length === 1 ? stand.sink.open : undefined;
  });
  const row = send.rows.at(0) ?? assert.fail("no row");
  send.ack([{ row, reason: new RejectedError("bad_row", "not this one") }]);
  const [ack] = await stand.over("ack");
  const line = stand.lines.find(({ code }) => code === "bad_row");
  assert.deepEqual([line?.trace_id, line?.span_id], [ack?.traceId, ack?.spanId]);
  assert.equal(stand.named("send")[0]?.attributes.rejected, 1);
});

Deno.test("A batch that is not chosen leaves no span and no ids in the log", async () => {
  await using stand = new Stand(0.5);
  stand.sink.failure = new ConnectionError("lost", "away");
  await stand.accept({ readings: numbered(3) });
  await eventually("the failure is told", async () => {
    await stand.clock.advance(500);
    return stand.lines.some(({ code }) => code === "lost");
  });
  assert.deepEqual(stand.spans, []);
  assert.ok(stand.lines.every((line) => !("trace_id" in line)));
});

Deno.test("Of batches that wait without end only the newest thousand are remembered", async () => {
  await using stand = new Stand();
  stand.sink.refusal = new ConnectionError("away", "away");
  for (let i = 0; i < 1100; i++) await stand.accept({ readings: numbered(1, i) });
  stand.sink.refusal = undefined;
  await stand.over("batch", 1100);
  assert.equal(new Set(stand.named("ack").map(({ traceId }) => traceId)).size, 1000);
});
