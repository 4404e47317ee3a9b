import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { localRows } from "../../../tests/fakes/local_database.ts";
import { FakeSink } from "../../../tests/fakes/sink.ts";
import { eventually } from "../../../tests/wait.ts";
import { ConnectionError, RejectedError } from "../../core/error.ts";
import type { ConnectorEvent } from "../../core/event.ts";
import type { Row } from "../../core/reading.ts";
import { systemClock } from "../../lib/clock.ts";
import { CopyLane, type CopyOptions } from "./copy.ts";

const full = new ConnectionError("local_disk_full", "The disk is full");

function open(options: Partial<CopyOptions> = {}) {
  const sink = new FakeSink();
  const events: ConnectorEvent[] = [];
  const report = (event: ConnectorEvent) => void events.push(event);
  const copy = new CopyLane("t#M", sink, { clock: systemClock, report, ...options });
  return { sink, copy, events };
}

function seqs(rows: readonly Row[]): number[] {
  return rows.map((row) => row.seq);
}

function upTo(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

function dropped(events: readonly ConnectorEvent[]): number {
  let count = 0;
  for (const event of events) if (event.kind === "copy_dropped") count += event.count;
  return count;
}

Deno.test("CopyLane copies what it is offered, in order, in the background", async () => {
  const { sink, copy, events } = open();
  for (let seq = 0; seq < 2500; seq += 25) copy.offer(localRows(seq, 25));
  assert.equal(sink.stored.length, 0); // offering does not wait for anything
  await copy[Symbol.asyncDispose]();
  assert.deepEqual(seqs(sink.stored), upTo(2500));
  assert.deepEqual(events, []);
  assert.ok(sink.isDisposed);
});

Deno.test("CopyLane copies what is offered while it is idle", async () => {
  const { sink, copy } = open();
  copy.offer(localRows(0, 1));
  await eventually("the first row is copied", () => sink.stored.length === 1);
  copy.offer(localRows(1, 1));
  await eventually("the second row is copied", () => sink.stored.length === 2);
  await copy[Symbol.asyncDispose]();
});

Deno.test("CopyLane drops the oldest rows beyond its number of rows, counts them, and keeps those on their way", async () => {
  const { sink, copy, events } = open({ maxRows: 100 });
  sink.holds = true;
  copy.offer(localRows(0, 10));
  await eventually("the first rows are on their way", () => sink.open.length === 1);
  copy.offer(localRows(10, 300));
  assert.equal(dropped(events), 210);
  sink.release();
  await copy[Symbol.asyncDispose]();
  assert.deepEqual(seqs(sink.stored), [...upTo(10), ...upTo(90, 220)]);
});

Deno.test("CopyLane drops the oldest rows beyond its number of bytes", async () => {
  const [row] = localRows(0, 1);
  const { sink, copy, events } = open({ maxBytes: (row?.bytes.length ?? 0) * 5 + 1 });
  copy.offer(localRows(0, 20));
  await copy[Symbol.asyncDispose]();
  assert.deepEqual(seqs(sink.stored), upTo(5, 15));
  assert.equal(dropped(events), 15);
});

Deno.test("CopyLane tells of a failure, tries again later and later, and then loses nothing", async () => {
  const clock = new FakeClock();
  const { sink, copy, events } = open({ clock });
  sink.refusal = full;
  copy.offer(localRows(0, 10));
  for (const waitMs of [1000, 2000, 4000]) {
    await eventually("it waits", () => clock.sleeping === 1);
    assert.deepEqual(events.at(-1), { kind: "copy_failed", lane: "t#M", error: full, retryInMs: waitMs });
    await clock.advance(waitMs);
  }
  await eventually("it waits", () => clock.sleeping === 1);
  sink.refusal = undefined;
  sink.failure = full;
  await clock.advance(8000);
  await eventually("the send has failed too", () => events.length === 5 && clock.sleeping === 1);
  sink.failure = undefined;
  await clock.advance(16_000);
  await eventually("the rows are copied", () => sink.stored.length === 10);
  assert.equal(dropped(events), 0);
  await copy[Symbol.asyncDispose]();
});

Deno.test("CopyLane sheds what it took during a failure down to its limit", async () => {
  const clock = new FakeClock();
  const { sink, copy, events } = open({ clock, maxRows: 50 });
  sink.refusal = full;
  copy.offer(localRows(0, 10));
  await eventually("it waits", () => clock.sleeping === 1);
  for (let seq = 10; seq < 200; seq += 10) copy.offer(localRows(seq, 10));
  sink.refusal = undefined;
  await clock.advance(1000);
  await eventually("the rest is copied", () => sink.stored.length > 0);
  assert.deepEqual(seqs(sink.stored), upTo(50, 150));
  assert.equal(dropped(events), 150);
  await copy[Symbol.asyncDispose]();
});

Deno.test("CopyLane counts rows that the sink refuses as dropped", async () => {
  const { sink, copy, events } = open();
  sink.holds = true;
  const [bad, good] = localRows(0, 2) as [Row, Row];
  copy.offer([bad, good]);
  await eventually("the rows are on their way", () => sink.open.length === 1);
  sink.open[0]?.ack([{ row: bad, reason: new RejectedError("row_does_not_fit", "no") }]);
  await copy[Symbol.asyncDispose]();
  assert.equal(dropped(events), 1);
});

Deno.test("CopyLane gives up draining after its time, and counts what it leaves behind", async () => {
  const clock = new FakeClock();
  const { sink, copy, events } = open({ clock, drainMs: 2000 });
  sink.holds = true;
  copy.offer(localRows(0, 10));
  await eventually("the rows are on their way", () => sink.open.length === 1);
  const disposed = copy[Symbol.asyncDispose]();
  await eventually("it drains", () => clock.sleeping === 1);
  await clock.advance(2000);
  await disposed;
  assert.equal(dropped(events), 10);
  assert.ok(sink.isDisposed);
});

Deno.test("CopyLane counts what it is offered after its end", async () => {
  const { sink, copy, events } = open();
  await copy[Symbol.asyncDispose]();
  copy.offer(localRows(0, 3));
  assert.equal(sink.stored.length, 0);
  assert.equal(dropped(events), 3);
});

Deno.test("CopyLane may be disposed of twice", async () => {
  const { copy } = open();
  await copy[Symbol.asyncDispose]();
  await copy[Symbol.asyncDispose]();
});
