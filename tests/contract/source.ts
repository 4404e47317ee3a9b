import assert from "node:assert/strict";
import { ConnectionError, SpoolFullError } from "../../src/core/error.ts";
import type { Batch } from "../../src/core/reading.ts";
import type { Source } from "../../src/core/source.ts";

/** How long any step of a contract test may take before it counts as hanging. */
const PATIENCE_MS = 30_000;
/** Batches that were on their way when the source was disposed of. */
const MAX_LEFT_OVER = 3;

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
  /** It sees that the session is lost while nobody takes its batches, see `Source.lost`. */
  readonly isLossSeen?: true;
  /** How long timers of a library go on by themselves behind a session that was closed or lost: they are waited for. */
  readonly lingerMs?: { readonly closed: number; readonly lost: number };
}

/** What every source promises (`src/core/source.ts`), as tests of one adapter. */
export function testSourceContract(contract: SourceContract): void {
  const more = contract.isLossSeen ? { "tells of a loss while nobody takes its batches": tellsOfLoss } : {};
  for (const [behaviour, run] of Object.entries({ ...BEHAVIOURS, ...more })) {
    Deno.test({
      name: `${contract.name} ${behaviour}`,
      // No source leaves a timer, a socket or a file behind once it is disposed of; the peers of these tests neither.
      sanitizeOps: true,
      sanitizeResources: true,
      async fn() {
        await runWithBench(contract, run);
        const waitMs = contract.lingerMs?.[run === throwsOnLoss || run === tellsOfLoss ? "lost" : "closed"] ?? 0;
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      },
    });
  }
}

async function runWithBench({ open }: SourceContract, run: (bench: SourceBench) => Promise<void>): Promise<void> {
  await using bench = await open();
  await run(bench);
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
  "is disposed of while it connects": disposesWhileConnecting,
  "gives no readings after it was disposed of": givesNothingAfterwards,
  "lets a batch be answered after it was disposed of": answersAfterwards,
  "goes on after a batch that was not taken, or ends its session": goesOnAfterRefusal,
  "holds back while nobody takes its batches, and goes on then": holdsBack,
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
  const { rest } = await firstBatch(source, bench, { signal: stop.signal });
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

async function tellsOfLoss(bench: SourceBench): Promise<void> {
  await using source = await connected(bench);
  await firstBatch(source, bench);
  const { lost } = source;
  assert.equal(lost?.aborted, false);
  await bench.endPeer();
  await within(
    "it tells",
    new Promise<void>((resolve) => {
      if (lost.aborted) resolve();
      else lost.addEventListener("abort", () => resolve(), { once: true });
    }),
  );
  assert.ok(lost.reason instanceof ConnectionError, String(lost.reason));
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

async function disposesWhileConnecting(bench: SourceBench): Promise<void> {
  const source = bench.createSilent();
  const stop = new AbortController();
  const attempt = source.connect(stop.signal).then(() => "connected", () => "gave up");
  await turn();
  stop.abort();
  await within("dispose", source[Symbol.asyncDispose]());
  assert.equal(await within("connect() gives up", attempt), "gave up");
}

async function givesNothingAfterwards(bench: SourceBench): Promise<void> {
  const source = await connected(bench);
  const { rest } = await firstBatch(source, bench);
  await within("dispose", source[Symbol.asyncDispose]());
  await bench.produce?.();
  for (let i = 0; i < MAX_LEFT_OVER; i++) {
    const next = rest.next().then(({ done }) => done ? "ended" : "a batch", (error) => {
      assert.ok(error instanceof ConnectionError, String(error));
      return "ended";
    });
    if (await within("batches() ends", next) === "ended") return;
  }
  assert.fail(`more than ${MAX_LEFT_OVER} batches came after dispose`);
}

async function answersAfterwards(bench: SourceBench): Promise<void> {
  const source = await connected(bench);
  const { batch } = await firstBatch(source, bench, { isTaken: false });
  await within("dispose", source[Symbol.asyncDispose]());
  batch.ack();
}

async function goesOnAfterRefusal(bench: SourceBench): Promise<void> {
  await using source = await connected(bench);
  const { batch, rest } = await firstBatch(source, bench, { isTaken: false });
  batch.nack(new SpoolFullError("spool_full", "there was no room for it"));
  const next = rest.next().then(({ done }) => done ? "it ended without a word" : "it goes on", (error) => {
    assert.ok(error instanceof ConnectionError, String(error));
    return "its session ends";
  });
  await bench.produce?.();
  assert.notEqual(await within("what comes next", next), "it ended without a word");
}

/** Nobody asks for the next batch for a while: the peer is left waiting, and neither side gives the session up. */
async function holdsBack(bench: SourceBench): Promise<void> {
  await using source = await connected(bench);
  const { rest } = await firstBatch(source, bench);
  for (let i = 0; i < 5; i++) {
    await bench.produce?.();
    await turn();
  }
  const { value, done } = await within("the next batch", rest.next());
  assert.ok(!done && value.readings.length > 0);
  value.ack();
}

/** A turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
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

interface First {
  readonly signal?: AbortSignal;
  /** Acknowledged at once, unless told. */
  readonly isTaken?: boolean;
}

/** The first batch, and what follows it. */
async function firstBatch(
  source: Source,
  bench: SourceBench,
  { signal = new AbortController().signal, isTaken = true }: First = {},
): Promise<{ batch: Batch; rest: AsyncIterator<Batch> }> {
  const rest = source.batches(signal)[Symbol.asyncIterator]();
  const first = rest.next();
  await bench.produce?.();
  const { value, done } = await within("the first batch", first);
  assert.ok(!done, "batches() ended before the first batch");
  if (isTaken) value.ack();
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
