import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import type { Row, Rows } from "../core/reading.ts";
import { type BatcherOptions, inBatches, type RowBatch } from "./batcher.ts";

function rows(count: number, from = 0, size = 10): Row[] {
  const bytes = new Uint8Array(size);
  return Array.from({ length: count }, (_, i) => (
    { lane: "l", source: "s", tag: "t", edgeId: "e", bootEpoch: 1, seq: from + i, bytes }
  ));
}

/** Arrivals that a test pushes one by one. */
class Arrivals implements AsyncIterable<Rows> {
  #waiting = Promise.withResolvers<Rows | undefined>();

  push(arrival: Rows | undefined): Promise<void> {
    this.#waiting.resolve(arrival);
    this.#waiting = Promise.withResolvers();
    return new Promise((resolve) => setTimeout(resolve, 0)); // the generator's turn
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Rows> {
    for (let next = await this.#waiting.promise; next; next = await this.#waiting.promise) yield next;
  }
}

function start(overrides: Partial<BatcherOptions> = {}) {
  const clock = new FakeClock();
  const arrivals = new Arrivals();
  const batches: RowBatch[] = [];
  const limits = { maxRows: 1000, maxBytes: 1_000_000, maxWaitMs: 1000, idle: () => new Promise<void>(() => {}) };
  const run = async () => {
    for await (const batch of inBatches(arrivals, { ...limits, clock, ...overrides })) batches.push(batch);
  };
  return { clock, arrivals, counts: () => batches.map((batch) => batch.rows.length), batches, done: run() };
}

Deno.test("inBatches() cuts by count, keeps the order and loses none", async () => {
  const { arrivals, counts, batches, clock, done } = start({ maxRows: 4 });
  await arrivals.push(rows(10));
  assert.deepEqual(counts(), [4, 4]);
  await clock.advance(1000);
  assert.deepEqual(counts(), [4, 4, 2]);
  assert.deepEqual(batches.flatMap((batch) => Array.from(batch.rows, (row) => row.seq)), [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
  ]);
  await arrivals.push(undefined);
  await done;
});

Deno.test("inBatches() cuts by bytes, framing included, and lets a row above the limit go alone", async () => {
  const { arrivals, counts, done } = start({ maxBytes: 40 });
  await arrivals.push([...rows(3), ...rows(1, 3, 100), ...rows(1, 4)]);
  assert.deepEqual(counts(), [2, 1, 1]);
  await arrivals.push(undefined);
  await done;
});

Deno.test("inBatches() lets the first row wait no longer than the limit while earlier ones are under way", async () => {
  const { arrivals, counts, clock, done } = start();
  await arrivals.push(rows(1));
  await clock.advance(600);
  await arrivals.push(rows(1, 1));
  await clock.advance(399);
  assert.deepEqual(counts(), []);
  await clock.advance(1);
  assert.deepEqual(counts(), [2]);
  await arrivals.push(undefined);
  await done;
});

Deno.test("inBatches() sends soon when nothing is under way", async () => {
  const { arrivals, counts, clock, done } = start({ idle: () => Promise.resolve() });
  await arrivals.push(rows(3));
  await clock.advance(10);
  assert.deepEqual(counts(), [3]);
  await arrivals.push(undefined);
  await done;
});

Deno.test("inBatches() leaves no timer behind when it ends", async () => {
  const { arrivals, clock, done } = start();
  await arrivals.push(rows(1));
  assert.equal(clock.sleeping, 1);
  await arrivals.push(undefined);
  await done;
  assert.equal(clock.sleeping, 0);
});
