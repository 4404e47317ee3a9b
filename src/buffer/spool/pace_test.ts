import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { eventually } from "../../../tests/wait.ts";
import type { SpoolBuffer } from "./spool_buffer.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;

/** A spool that keeps 100 rows in memory, whose reader was handed row 0, which is acknowledged, and rows 1 to 90. */
async function flowing(home: SpoolHome, clock: FakeClock) {
  const buffer = await home.open({ clock, maxUnsent: 100, commitIntervalMs: 1 });
  const reader = buffer.next(lane, NEVER)[Symbol.asyncIterator]();
  await accept(buffer, 1, 0);
  await reader.next();
  await buffer.ack(lane, 1);
  await (await accept(buffer, 90, 1)).durable;
  return { buffer, reader };
}

const accept = (buffer: SpoolBuffer, count: number, from: number, isWithheld = true) =>
  buffer.accept(handover(count, from, { isWithheld }), fakeRoute(), NEVER);

Deno.test("Readings that a device keeps wait until whoever sends has made room for them in memory", async () => {
  await using home = new SpoolHome();
  const { buffer, reader } = await flowing(home, new FakeClock());
  await using _buffer = buffer;
  let isTaken = false;
  const accepted = accept(buffer, 20, 91).then(() => isTaken = true);
  await accept(buffer, 1, 500, false); // what no device keeps goes past them
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(isTaken, false);
  assert.equal(numbersOf((await reader.next()).value).at(0), 1);
  await accepted;
  await reader.return?.();
});

Deno.test("Readings do not wait longer than 50 ms for whoever sends", async () => {
  await using home = new SpoolHome();
  const clock = new FakeClock();
  const { buffer, reader } = await flowing(home, clock);
  await using _buffer = buffer;
  const accepted = accept(buffer, 20, 91);
  await eventually("it waits", async () => {
    await clock.advance(50);
    return buffer.ledger().total.received === 111;
  });
  await accepted;
  await reader.return?.();
});

Deno.test("Readings do not wait for a sink that acknowledges nothing, nor when nobody sends, nor behind a backlog", async () => {
  await using home = new SpoolHome();
  const clock = new FakeClock();
  const { buffer, reader } = await flowing(home, clock);
  await using _buffer = buffer;
  await clock.advance(1000);
  await (await accept(buffer, 60, 91)).durable;
  await (await accept(buffer, 60, 151)).durable; // what was there before it is on disk alone now
  await reader.next();
  await buffer.ack(lane, 50);
  await accept(buffer, 60, 211);
  await reader.return?.();
  await accept(buffer, 60, 271);
  assert.equal(buffer.ledger().total.received, 331);
});
