/** What every `Sink` does, wherever it puts its rows. */
import assert from "node:assert/strict";
import { EdgeError } from "../../src/core/error.ts";
import type { Row } from "../../src/core/reading.ts";
import type { Sink } from "../../src/core/sink.ts";
import { eventually } from "../wait.ts";

const NEVER = new AbortController().signal;

/** A sink that is not connected yet, and the far side it writes to. Disposing of it ends both. */
export interface SinkStand extends AsyncDisposable {
  readonly sink: Sink;
  /** A row that the far side takes. */
  row(seq: number): Row;
  /** The `seq` of what is durable there, in the order it came, repetitions included. */
  stored(): readonly number[] | Promise<readonly number[]>;
  /** From `begin` on, what is sent is lost and the way breaks; after `end`, `connect` works again. Absent where there is no way to break. */
  readonly outage?: { begin(): void | Promise<void>; end(): void | Promise<void> };
}

export type OpenSink = () => Promise<SinkStand>;

function rows(stand: SinkStand, from: number, count: number): Row[] {
  return Array.from({ length: count }, (_, index) => stand.row(from + index));
}

function firsts(stored: readonly number[]): number[] {
  return [...new Set(stored)];
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Registers the suite's tests under `name`. */
export function testSink(name: string, open: OpenSink): void {
  const test = (sentence: string, run: (stand: SinkStand) => Promise<void>) =>
    Deno.test(`${name} ${sentence}`, async () => {
      await using stand = await open();
      await run(stand);
    });

  test("resolves a send once its rows are durable", async (stand) => {
    await stand.sink.connect(NEVER);
    const result = await stand.sink.send(rows(stand, 0, 3), NEVER);
    assert.deepEqual(result.rejected, []);
    assert.deepEqual(await stand.stored(), [0, 1, 2]);
  });

  test("takes sends while earlier ones are open, and keeps their order", async (stand) => {
    await stand.sink.connect(NEVER);
    const sends = upTo(50).map((i) => stand.sink.send(rows(stand, i * 10, 10), NEVER));
    await Promise.all(sends);
    assert.deepEqual(await stand.stored(), upTo(500));
  });

  test("resolves a send of no rows", async (stand) => {
    await stand.sink.connect(NEVER);
    assert.deepEqual(await stand.sink.send([], NEVER), { rejected: [] });
  });

  test("refuses to send before it is connected, in a way that is retried", async (stand) => {
    await assert.rejects(stand.sink.send([stand.row(0)], NEVER), isRetried);
  });

  test("may be connected while it is connected", async (stand) => {
    await stand.sink.connect(NEVER);
    await stand.sink.connect(NEVER);
    await stand.sink.send([stand.row(0)], NEVER);
    assert.deepEqual(await stand.stored(), [0]);
  });

  test("does not begin what is aborted already", async (stand) => {
    const stop = AbortSignal.abort(new Error("enough"));
    await assert.rejects(stand.sink.connect(stop), /enough/);
    await stand.sink.connect(NEVER);
    await assert.rejects(stand.sink.send([stand.row(0)], stop), /enough/);
    assert.deepEqual(await stand.stored(), []);
  });

  test("may be disposed of twice, and sends nothing after it", async (stand) => {
    await stand.sink.connect(NEVER);
    await stand.sink.send([stand.row(0)], NEVER);
    await stand.sink[Symbol.asyncDispose]();
    await stand.sink[Symbol.asyncDispose]();
    await assert.rejects(stand.sink.send([stand.row(1)], NEVER), EdgeError);
    assert.deepEqual(await stand.stored(), [0]);
  });

  test("may be disposed of without ever being connected", async (stand) => {
    await stand.sink[Symbol.asyncDispose]();
    assert.deepEqual(await stand.stored(), []);
  });

  test("leaves a failed send and all later ones in doubt, and delivers them in order after connecting again", async (stand) => {
    if (!stand.outage) return assert.equal(stand.outage, undefined); // nothing lies between this sink and its rows
    await stand.sink.connect(NEVER);
    await stand.sink.send(rows(stand, 0, 10), NEVER);
    await stand.outage.begin();
    const doubtful = upTo(5).map((i) => stand.sink.send(rows(stand, 10 + i * 10, 10), NEVER));
    for (const outcome of await Promise.allSettled(doubtful)) {
      assert.equal(outcome.status, "rejected");
      assert.ok(isRetried(outcome.reason), String(outcome.reason));
    }
    await stand.outage.end();
    await eventually("it connects again", () => stand.sink.connect(NEVER).then(() => true, () => false));
    await Promise.all(upTo(5).map((i) => stand.sink.send(rows(stand, 10 + i * 10, 10), NEVER)));
    assert.deepEqual(firsts(await stand.stored()), upTo(60));
  });

  test("rejects an open send that is aborted, and every later one with it", async (stand) => {
    if (!stand.outage) return assert.equal(stand.outage, undefined);
    await stand.sink.connect(NEVER);
    const stop = new AbortController();
    await stand.outage.begin();
    const aborted = stand.sink.send([stand.row(0)], stop.signal);
    const later = stand.sink.send([stand.row(1)], NEVER);
    stop.abort(new Error("enough"));
    const [first, second] = await Promise.allSettled([aborted, later]);
    assert.equal(first.status, "rejected");
    assert.equal(second.status, "rejected");
    await stand.outage.end();
  });
}

function isRetried(error: unknown): boolean {
  return error instanceof EdgeError && error.disposition === "retry";
}
