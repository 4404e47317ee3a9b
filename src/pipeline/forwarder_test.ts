import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { fakeRoute, handover, numbersOf } from "../../tests/fakes/rows.ts";
import { FakeSink } from "../../tests/fakes/sink.ts";
import { eventually } from "../../tests/wait.ts";
import { MemoryBuffer } from "../buffer/memory_buffer.ts";
import { AuthError, ConnectionError, RejectedError } from "../core/error.ts";
import type { ConnectorEvent } from "../core/event.ts";
import { Backoff } from "../lib/backoff.ts";
import { Breaker } from "./breaker.ts";
import { Forwarder, type ForwarderOptions } from "./forwarder.ts";

const NEVER = new AbortController().signal;
const route = fakeRoute();
const lane = route.lane.id;
const LOST = new ConnectionError("lost", "the way broke");

/** A forwarder between a memory buffer and a fake sink; time passes only when `clock` is moved. */
class Stand implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly events: ConnectorEvent[] = [];
  readonly sink = new FakeSink();
  readonly buffer: MemoryBuffer;
  readonly breaker: Breaker;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(overrides: Partial<ForwarderOptions> = {}) {
    const { clock, sink } = this;
    const report = (event: ConnectorEvent) => void this.events.push(event);
    this.buffer = new MemoryBuffer({
      edgeId: "e",
      bootEpoch: 1,
      maxUnsent: 100_000,
      maxUnsentBytes: 1e9,
      dropPolicy: "reject_new",
      warningThreshold: 1,
      maxRowBytes: 4e6,
      maxDeadLetterBytes: 1e6,
      clock,
      report,
    });
    this.breaker = new Breaker({
      isEnabled: true,
      failureThreshold: 3,
      successThreshold: 2,
      openMs: 60_000,
      probeMs: 30_000,
      clock,
      changed: (state) => report({ kind: "breaker", lane, state }),
    });
    const forwarder = new Forwarder({
      lane,
      sink,
      buffer: this.buffer,
      limits: { maxRows: 10, maxBytes: 1e6, maxWaitMs: 1000 },
      maxInFlightBytes: 1e6,
      breaker: this.breaker,
      backoff: new Backoff({ initialMs: 1000, maxMs: 8000, multiplier: 2, random: () => 0.5 }),
      clock,
      report,
      ...overrides,
    });
    this.#running = forwarder.run(this.#stop.signal);
  }

  async accept(count: number, from = 0): Promise<void> {
    await this.buffer.accept(handover(count, from), route, NEVER);
  }

  /** Moves time, in small steps, until `probe` holds. */
  async until(what: string, probe: () => boolean): Promise<void> {
    await eventually(what, async () => {
      if (probe()) return true;
      await this.clock.advance(500);
      return false;
    });
  }

  get stored(): number[] {
    return numbersOf(this.sink.stored);
  }

  states(): string[] {
    return this.events.flatMap((event) => event.kind === "breaker" ? [event.state] : []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("over"));
    await this.#running;
    assert.ok(this.buffer.ledger().balanced);
  }
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

Deno.test("Forwarder sends many batches without waiting for acknowledgements, in order", async () => {
  await using stand = new Stand();
  stand.sink.holds = true;
  await stand.accept(100);
  await eventually("ten batches are open", () => stand.sink.open.length === 10);
  assert.deepEqual(stand.stored, upTo(100));
  assert.equal(stand.buffer.ledger().total.written, 0);
  stand.sink.release();
  await stand.buffer.drained(NEVER);
  assert.equal(stand.buffer.ledger().total.written, 100);
});

Deno.test("Forwarder keeps no more bytes in flight than it may", async () => {
  const rowBytes = "t:10".length + 5;
  await using stand = new Stand({ maxInFlightBytes: 25 * rowBytes });
  stand.sink.holds = true;
  await stand.accept(100, 10);
  await eventually("three batches are open", () => stand.sink.open.length === 3);
  stand.sink.open.shift()?.ack();
  await eventually("another one went", () => stand.sink.stored.length === 40);
  assert.equal(stand.sink.mostOpen, 3);
});

Deno.test("Forwarder books acknowledgements in order, whatever their order of arrival", async () => {
  await using stand = new Stand();
  stand.sink.holds = true;
  await stand.accept(30);
  await eventually("three batches are open", () => stand.sink.open.length === 3);
  const [first, second, third] = stand.sink.open;
  third?.ack();
  second?.ack();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(stand.buffer.ledger().total.written, 0);
  first?.ack();
  await eventually("all are booked", () => stand.buffer.ledger().total.written === 30);
});

Deno.test("Forwarder sends everything in doubt again after a failure, oldest first, with the same identity", async () => {
  await using stand = new Stand();
  stand.sink.holds = true;
  await stand.accept(50);
  await eventually("five batches are open", () => stand.sink.open.length === 5);
  const [first, second, third] = stand.sink.open.splice(0);
  first?.ack();
  third?.ack(); // behind the failure: sent again all the same
  second?.fail(LOST);
  stand.sink.holds = false;
  await stand.until("all arrived", () => stand.buffer.level().queued === 0);
  assert.deepEqual(stand.stored, [...upTo(50), ...upTo(50).slice(10)]);
  const seqs = stand.sink.stored.map((row) => row.seq);
  assert.deepEqual(seqs.slice(50), seqs.slice(10, 50));
  assert.equal(stand.buffer.ledger().total.written, 50);
});

Deno.test("Forwarder makes a refused row a dead letter and goes on", async () => {
  await using stand = new Stand();
  stand.sink.holds = true;
  await stand.accept(10);
  await eventually("a batch is open", () => stand.sink.open.length === 1);
  const [send] = stand.sink.open;
  const poison = send?.rows.at(4);
  assert.ok(poison);
  send?.ack([{ row: poison, reason: new RejectedError("refused", "no") }]);
  await stand.buffer.drained(NEVER);
  const { written, dead_lettered } = stand.buffer.ledger().total;
  assert.deepEqual({ written, dead_lettered }, { written: 9, dead_lettered: 1 });
});

Deno.test("Forwarder opens its breaker after failures in a row, tries one batch at a time, and recovers", async () => {
  await using stand = new Stand();
  stand.sink.failure = LOST;
  await stand.accept(100);
  await stand.until("the breaker is open", () => stand.breaker.state === "open");
  assert.equal(stand.events.filter((event) => event.kind === "sink_failed").length, 3);
  stand.sink.failure = undefined;
  stand.sink.holds = true;
  await stand.until("one batch is tried", () => stand.sink.open.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(stand.sink.stored.length, 10);
  stand.sink.open.shift()?.ack();
  await eventually("a second one is tried", () => stand.sink.open.length === 1);
  stand.sink.release();
  await stand.buffer.drained(NEVER);
  assert.deepEqual(stand.states(), ["open", "half_open", "closed"]);
  assert.deepEqual(stand.stored, upTo(100));
});

Deno.test("Forwarder keeps everything and probes slowly while the sink refuses our credentials", async () => {
  await using stand = new Stand();
  stand.sink.refusal = stand.sink.failure = new AuthError("denied", "GRANT MODIFY is missing");
  await stand.accept(10);
  await eventually("it failed", () => stand.events.some((event) => event.kind === "sink_failed"));
  const failure = stand.events.find((event) => event.kind === "sink_failed");
  assert.equal(failure?.kind === "sink_failed" && failure.retryInMs, 30_000);
  assert.equal(stand.buffer.level().queued, 10);
  stand.sink.refusal = stand.sink.failure = undefined;
  await stand.until("all arrived", () => stand.buffer.level().queued === 0);
});

Deno.test("Forwarder reports an error that nobody foresaw as a bug, keeps the rows and tries again", async () => {
  await using stand = new Stand();
  stand.sink.failure = new TypeError("x is undefined");
  await stand.accept(3);
  await stand.until("it is reported", () => stand.events.some((event) => event.kind === "sink_bug"));
  stand.sink.failure = undefined;
  await stand.until("all arrived", () => stand.buffer.level().queued === 0);
});

Deno.test("Forwarder makes sure of an idle way before it sends, so that its silent end is no failure", async () => {
  await using stand = new Stand();
  await stand.accept(1);
  await stand.until("it arrived", () => stand.buffer.level().queued === 0);
  const before = stand.sink.connects;
  await stand.accept(1, 1);
  await stand.until("it arrived", () => stand.buffer.level().queued === 0);
  assert.equal(stand.sink.connects, before + 1);
});

Deno.test("Forwarder goes on by itself when an idle way cannot be made anew, although no more rows come", async () => {
  await using stand = new Stand();
  await stand.accept(1);
  await stand.until("it arrived", () => stand.buffer.level().queued === 0);
  stand.sink.refusal = LOST;
  await stand.accept(3, 1);
  await stand.until("the breaker is open", () => stand.breaker.state === "open");
  stand.sink.refusal = undefined;
  await stand.until("all arrived", () => stand.buffer.level().queued === 0);
  assert.deepEqual(stand.stored, upTo(4));
});
