import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { FakeSink } from "../../tests/fakes/sink.ts";
import { FakeDevice } from "../../tests/fakes/source.ts";
import { eventually } from "../../tests/wait.ts";
import { MemoryBuffer } from "../buffer/memory_buffer.ts";
import { AuthError } from "../core/error.ts";
import { laneTo } from "../core/lane.ts";
import { Backoff } from "../lib/backoff.ts";
import { Breaker } from "./breaker.ts";
import { Forwarder } from "./forwarder.ts";
import { Pipeline } from "./pipeline.ts";
import { Supervisor } from "./supervisor.ts";

const lane = laneTo("main.bronze.t", "FakeRecord");
const LIMITS = { idleMs: 20_000, maxMs: 300_000 };

/** One fake device through a memory buffer to one fake sink. */
function start() {
  const clock = new FakeClock();
  const device = new FakeDevice();
  const sink = new FakeSink();
  const report = () => {};
  const config = { name: "press", endpoint: "fake://press", labels: {}, settings: {} };
  const buffer = new MemoryBuffer({
    edgeId: "e",
    bootEpoch: 1,
    maxUnsent: 1000,
    maxUnsentBytes: 1e9,
    dropPolicy: "reject_new",
    warningThreshold: 1,
    maxRowBytes: 4e6,
    maxDeadLetterBytes: 1e6,
    clock,
    report,
  });
  const supervisor = new Supervisor({
    spec: device.spec,
    config,
    route: { source: "press", lane, encode: device.spec.encoder(config) },
    buffer,
    reconnect: { isEnabled: true, initialMs: 1000, maxMs: 8000, multiplier: 2, maxAttempts: 0 },
    deps: { home: "/", edgeId: "e", extraRoots: undefined, log: new FakeLogger(), random: () => 0.5, clock },
    report,
  });
  const times = { failureThreshold: 5, successThreshold: 2, openMs: 60_000, probeMs: 60_000 };
  const forwarder = new Forwarder({
    lane: lane.id,
    sink,
    buffer,
    limits: { maxRows: 10, maxBytes: 1e6, maxWaitMs: 10 },
    maxInFlightBytes: 1e6,
    breaker: new Breaker({ isEnabled: true, ...times, clock, changed: report }),
    backoff: new Backoff({ initialMs: 1000, maxMs: 8000, multiplier: 2, random: () => 0.5 }),
    clock,
    report,
  });
  const pipeline = new Pipeline({ buffer, clock });
  pipeline.addSource(supervisor);
  pipeline.add(forwarder);
  const read = async (count: number) => {
    await eventually("the source is connected", () => device.sessions.length === 1);
    device.session.produce(count);
    await eventually("the rows are taken", () => buffer.ledger().total.received === count);
  };
  return { clock, device, sink, buffer, pipeline, read };
}

Deno.test("Pipeline.stop() waits for the acknowledgement of what it took, and then closes the source", async () => {
  const { clock, device, sink, buffer, pipeline, read } = start();
  sink.holds = true;
  device.isWithheld = true;
  await read(25);
  const stopped = pipeline.stop(LIMITS);
  await eventually("the rest went out", async () => {
    await clock.advance(10);
    return sink.stored.length === 25;
  });
  assert.equal(device.session.isDisposed, false);
  sink.release();
  assert.equal(await stopped, true);
  assert.deepEqual(device.acked, [0]);
  assert.ok(device.session.isDisposed);
  assert.equal(buffer.ledger().total.written, 25);
});

Deno.test("Pipeline.stop() gives up when the sink acknowledges nothing any more, and says so", async () => {
  const { clock, sink, buffer, pipeline, read } = start();
  sink.holds = true;
  await read(25);
  const stopped = pipeline.stop(LIMITS);
  await eventually("it waits", () => clock.sleeping > 0);
  await clock.advance(20_000);
  await clock.advance(20_000);
  assert.equal(await stopped, false);
  assert.equal(buffer.ledger().total.queued, 25);
  assert.ok(buffer.ledger().balanced);
});

Deno.test("Pipeline.stop() goes on for as long as the sink makes progress, up to the limit", async () => {
  const { clock, sink, buffer, pipeline, read } = start();
  sink.holds = true;
  await read(100);
  const stopped = pipeline.stop({ idleMs: 1000, maxMs: 3000 });
  let answered = 0;
  for (let second = 0; second < 3; second++) {
    await eventually("a batch waits for its answer", () => sink.open.length > answered);
    sink.open[answered++]?.ack();
    await clock.advance(1000);
  }
  assert.equal(await stopped, false);
  assert.equal(buffer.ledger().total.written, 30);
});

Deno.test("Pipeline that is disposed of ends at once, though everything hangs", async () => {
  const { sink, pipeline, read } = start();
  sink.holds = true;
  await read(5);
  await pipeline[Symbol.asyncDispose]();
  await pipeline[Symbol.asyncDispose]();
});

Deno.test("Pipeline.removeSource() ends one source once what it took is acknowledged, and the lanes go on", async () => {
  const { clock, device, sink, buffer, pipeline, read } = start();
  sink.holds = true;
  device.isWithheld = true;
  await read(5);
  const removed = pipeline.removeSource("press", 5000);
  await eventually("the rows went out", async () => {
    await clock.advance(10);
    return sink.stored.length === 5;
  });
  assert.equal(device.session.isDisposed, false);
  sink.release();
  await removed;
  assert.deepEqual(device.acked, [0]);
  assert.ok(device.session.isDisposed);
  assert.equal(buffer.ledger().total.written, 5);
  await pipeline[Symbol.asyncDispose]();
});

Deno.test("Pipeline.removeSource() gives back what is not safe in time, and the rows are sent all the same", async () => {
  const { clock, device, sink, buffer, pipeline, read } = start();
  sink.holds = true;
  device.isWithheld = true;
  await read(5);
  const removed = pipeline.removeSource("press", 5000);
  await eventually("it waits", () => clock.sleeping > 0);
  await clock.advance(5000);
  await removed;
  assert.deepEqual(device.acked, []);
  assert.ok(device.session.isDisposed);
  sink.release();
  await eventually("the rows are written", () => buffer.ledger().total.written === 5);
  await pipeline[Symbol.asyncDispose]();
});

Deno.test("Pipeline.remove() ends a lane, and nothing more is sent there", async () => {
  const { clock, sink, pipeline, read } = start();
  await pipeline.remove(lane.id);
  await read(5);
  await clock.advance(1000);
  assert.equal(sink.stored.length, 0);
  await pipeline[Symbol.asyncDispose]();
});

Deno.test("Pipeline.tryNow() lets the sources of these names try at once", async () => {
  const { clock, device, pipeline } = start();
  device.refusal = new AuthError("untrusted", "nobody trusts its certificate");
  await eventually("it waits", () => clock.sleeping === 1);
  const { length } = device.sessions;
  pipeline.tryNow(["press", "unknown"]);
  await eventually("it tries again", () => device.sessions.length === length + 1);
  await pipeline[Symbol.asyncDispose]();
});
