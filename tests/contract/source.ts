import assert from "node:assert/strict";
import { ConnectionError } from "../../src/core/error.ts";
import type { Batch } from "../../src/core/reading.ts";
import type { Source } from "../../src/core/source.ts";

/** How long any step of a contract test may take before it counts as hanging. */
const PATIENCE_MS = 30_000;

/** One live peer and the sources that read from it, for one test. Disposing of it ends the peer. */
export interface SourceBench extends AsyncDisposable {
  /** A new source of the peer, not yet connected. */
  create(): Source;
  /** A source of the same kind whose peer's port is closed. */
  createDead(): Source;
  /** A source of a peer that takes the connection and then says nothing, so that `connect` (or the first read) waits. */
  createSilent(): Source;
  /** Called once a source is reading: makes the peer produce, where it does not by itself. */
  produce?(): Promise<void>;
  /** Ends every session that the peer has, for good, as a crash does. */
  endPeer(): Promise<void>;
}

export interface SourceContract {
  /** Before each test's name: the adapter's. */
  readonly name: string;
  open(): Promise<SourceBench>;
}

/** What every source promises (`src/core/source.ts`), as tests of one adapter. */
export function testSourceContract(contract: SourceContract): void {
  for (const [behaviour, run] of Object.entries(BEHAVIOURS)) {
    Deno.test(`${contract.name} ${behaviour}`, async () => {
      await using bench = await contract.open();
      await run(bench);
    });
  }
}

const BEHAVIOURS: Readonly<Record<string, (bench: SourceBench) => Promise<void>>> = {
  "gives readings with tags and event times": givesReadings,
  "returns, not throws, when reading is aborted": returnsOnAbort,
  "returns at once when its signal has aborted before reading": returnsWhenAborted,
  "gives up connecting when aborted": givesUpConnecting,
  "throws ConnectionError when nothing listens": refusesDeadPort,
  "throws ConnectionError when the session is lost": throwsOnLoss,
  "is disposed of twice without harm": disposesTwice,
  "is disposed of before connecting without harm": disposesUnconnected,
  "is disposed of while it is being read": disposesWhileReading,
};

async function givesReadings(bench: SourceBench): Promise<void> {
  const beforeUs = (Date.now() - 60_000) * 1000;
  await using source = await connected(bench);
  const { batch } = await firstBatch(source, bench);
  assert.ok(batch.readings.length > 0);
  for (const { tag, eventTimeUs } of batch.readings) {
    assert.notEqual(tag, "");
    assert.ok(Number.isSafeInteger(eventTimeUs), `event time of ${tag} is a whole number of microseconds`);
    assert.ok(eventTimeUs >= beforeUs && eventTimeUs <= (Date.now() + 60_000) * 1000, `event time of ${tag} is now`);
  }
}

async function returnsOnAbort(bench: SourceBench): Promise<void> {
  const stop = new AbortController();
  await using source = await connected(bench);
  const { rest } = await firstBatch(source, bench, stop.signal);
  const end = drain(rest);
  stop.abort();
  await within("batches() returns after abort", end);
}

async function returnsWhenAborted(bench: SourceBench): Promise<void> {
  await using source = await connected(bench);
  const batches = source.batches(AbortSignal.abort())[Symbol.asyncIterator]();
  assert.equal((await within("batches() returns", batches.next())).done, true);
}

async function givesUpConnecting(bench: SourceBench): Promise<void> {
  await using source = bench.createSilent();
  const stop = new AbortController();
  const attempt = source.connect(stop.signal).then(() => "connected", () => "gave up");
  stop.abort();
  assert.equal(await within("connect() gives up", attempt), "gave up");
}

async function refusesDeadPort(bench: SourceBench): Promise<void> {
  await using source = bench.createDead();
  await assert.rejects(within("connect() fails", source.connect(AbortSignal.timeout(PATIENCE_MS))), ConnectionError);
}

async function throwsOnLoss(bench: SourceBench): Promise<void> {
  await using source = await connected(bench);
  const { rest } = await firstBatch(source, bench);
  const end = drain(rest);
  end.catch(() => {}); // it may throw before the peer has ended
  await bench.endPeer();
  await assert.rejects(within("batches() throws", end), ConnectionError);
}

async function disposesTwice(bench: SourceBench): Promise<void> {
  const source = await connected(bench);
  await within("the first dispose", source[Symbol.asyncDispose]());
  await within("the second dispose", source[Symbol.asyncDispose]());
}

async function disposesUnconnected(bench: SourceBench): Promise<void> {
  await within("dispose", bench.create()[Symbol.asyncDispose]());
}

async function disposesWhileReading(bench: SourceBench): Promise<void> {
  const source = await connected(bench);
  const { rest } = await firstBatch(source, bench);
  const end = drain(rest).catch((error) => assert.ok(error instanceof ConnectionError, String(error)));
  await within("dispose", source[Symbol.asyncDispose]());
  await within("batches() ends", end);
}

async function connected(bench: SourceBench): Promise<Source> {
  const source = bench.create();
  try {
    await source.connect(AbortSignal.timeout(PATIENCE_MS));
    return source;
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/** The first batch, acknowledged, and what follows it. */
async function firstBatch(
  source: Source,
  bench: SourceBench,
  signal = new AbortController().signal,
): Promise<{ batch: Batch; rest: AsyncIterator<Batch> }> {
  const rest = source.batches(signal)[Symbol.asyncIterator]();
  const first = rest.next();
  await bench.produce?.();
  const { value, done } = await within("the first batch", first);
  assert.ok(!done, "batches() ended before the first batch");
  value.ack();
  return { batch: value, rest };
}

/** Takes and acknowledges whatever comes, to the end. */
async function drain(batches: AsyncIterator<Batch>): Promise<void> {
  while (true) {
    const { value, done } = await batches.next();
    if (done) return;
    value.ack();
  }
}

async function within<T>(what: string, promise: PromiseLike<T>): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${PATIENCE_MS} ms passed: ${what}`)), PATIENCE_MS);
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}
