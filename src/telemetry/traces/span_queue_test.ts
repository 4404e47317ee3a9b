import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { eventually } from "../../../tests/wait.ts";
import { AuthError, ConnectionError } from "../../core/error.ts";
import { abortable } from "../../lib/condition.ts";
import { Metrics } from "../metrics.ts";
import { CollectorBusy } from "./collector.ts";
import type { FinishedSpan } from "./finished_span.ts";
import { MAX_WAITING, SpanQueue } from "./span_queue.ts";

const SPAN: FinishedSpan = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  parentId: undefined,
  name: "batch",
  kind: "internal",
  startUs: 1,
  endUs: 2,
  attributes: {},
  hasFailed: false,
};
const AWAY = new ConnectionError("collector_unreachable", "Cannot reach http://collector: refused");

/** A queue before a collector whose answers a test decides. */
class Stand implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new FakeLogger();
  readonly metrics = new Metrics({ version: "1", startedUs: 0 });
  /** What `send` rejects with, while there is something. */
  failure: unknown;
  /** Spans of each request that it says it did not take. */
  rejected = 0;
  isSilent = false;
  requests = 0;
  readonly queue: SpanQueue;

  constructor() {
    this.queue = new SpanQueue({
      receiver: { name: "http://collector", send: (_body, signal) => this.#answer(signal) },
      origin: { resource: {}, scope: { name: "iot-connector", version: "1" } },
      clock: this.clock,
      log: this.log,
      metrics: this.metrics,
      random: () => 0.5,
    });
  }

  put(count: number): void {
    for (let i = 0; i < count; i++) this.queue.put(SPAN);
  }

  /** Spans sent, and dropped by reason. */
  async counts(): Promise<Record<string, number>> {
    const families = await this.metrics.families();
    const series = families.filter(({ name }) => name.startsWith("connector_trace_spans")).flatMap(({ values }) =>
      values
    );
    return Object.fromEntries(series.map(({ labels, value }) => [labels.reason ?? "sent", value]));
  }

  async until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
    await eventually(what, async () => {
      if (await probe()) return true;
      await this.clock.advance(500);
      return false;
    });
  }

  get told(): string[] {
    return this.log.lines.map(({ level, fields: { code } }) => `${level} ${code}`);
  }

  #answer(signal: AbortSignal): Promise<number> {
    this.requests++;
    if (this.isSilent) return abortable(new Promise<number>(() => {}), signal);
    return this.failure === undefined ? Promise.resolve(this.rejected) : Promise.reject(this.failure);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.queue[Symbol.asyncDispose]();
  }
}

Deno.test("SpanQueue gathers spans for five seconds, and sends 512 at once", async () => {
  await using stand = new Stand();
  stand.put(3);
  await stand.clock.advance(4000);
  assert.equal(stand.requests, 0);
  await stand.until("they are sent", async () => (await stand.counts()).sent === 3);
  assert.equal(stand.requests, 1);
  const before = stand.clock.monotonicMs();
  stand.put(512);
  await eventually("a full request goes at once", async () => (await stand.counts()).sent === 515);
  assert.equal(stand.clock.monotonicMs(), before);
});

Deno.test("SpanQueue lets nobody wait for a silent collector, drops what is too much, and counts it", async () => {
  await using stand = new Stand();
  stand.isSilent = true;
  stand.put(1);
  await stand.until("it is asked", () => stand.requests === 1);
  stand.put(MAX_WAITING + 9);
  assert.deepEqual(await stand.counts(), { sent: 0, queue_full: 10 });
  stand.isSilent = false;
});

Deno.test("SpanQueue tells once of a collector that is away, keeps what it can, and tells once that it is back", async () => {
  await using stand = new Stand();
  stand.failure = AWAY;
  stand.put(MAX_WAITING + 5);
  await stand.until("it is tried again and again", () => stand.requests >= 5);
  assert.deepEqual(stand.told, ["warn collector_unreachable"]);
  stand.failure = undefined;
  await stand.until("all that waited is sent", async () => (await stand.counts()).sent === MAX_WAITING);
  assert.deepEqual(stand.told, ["warn collector_unreachable", "info traces_sent"]);
  assert.equal(stand.log.lines.at(-1)?.fields.count, 5);
});

Deno.test("SpanQueue sends no more of what is refused for good, and counts what a collector takes in part", async () => {
  await using stand = new Stand();
  stand.failure = new AuthError("collector_refuses", "401");
  stand.put(2);
  await stand.until("they are dropped", async () => (await stand.counts()).refused === 2);
  stand.failure = undefined;
  stand.rejected = 1;
  stand.put(3);
  await stand.until("two of three are taken", async () => (await stand.counts()).sent === 2);
  assert.deepEqual(await stand.counts(), { refused: 3, sent: 2 });
});

Deno.test("SpanQueue leaves a busy collector alone for as long as it asks", async () => {
  await using stand = new Stand();
  stand.failure = new CollectorBusy("429", 90_000);
  stand.put(1);
  await stand.until("it is asked", () => stand.requests === 1);
  await stand.clock.advance(80_000);
  assert.equal(stand.requests, 1);
  await stand.until("it is asked again", () => stand.requests === 2);
});

Deno.test("SpanQueue sends what waits when the connector ends, but for a collector that is away", async () => {
  const stand = new Stand();
  stand.put(600);
  await stand[Symbol.asyncDispose]();
  assert.deepEqual(await stand.counts(), { sent: 600 });
  const other = new Stand();
  other.failure = AWAY;
  other.put(1);
  await other[Symbol.asyncDispose]();
  assert.deepEqual([await other.counts(), other.requests], [{ sent: 0, stopped: 1 }, 1]);
});
