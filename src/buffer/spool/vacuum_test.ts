import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { fakeRoute, handover } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { eventually } from "../../../tests/wait.ts";

/** Whoever sends them waits for the commit. */
const KEPT = { isWithheld: true };
const NEVER = new AbortController().signal;

Deno.test("The spool's file shrinks once a backlog has left, while rows come and go", async () => {
  await using home = new SpoolHome();
  const fake = new FakeClock();
  const clock: Clock = { ...systemClock, every: (ms, task) => fake.every(ms, task) }; // commits take the time they take
  await using buffer = await home.open({ clock, isCompressed: false, commitIntervalMs: 1 });
  const size = () =>
    Deno.statSync(`${home.directory}/spool.db`).size + Deno.statSync(`${home.directory}/spool.db-wal`).size;
  const route = { ...fakeRoute(), encode: () => new Uint8Array(50_000) };
  for (let i = 0; i < 20; i++) await (await buffer.accept(handover(80, 0, KEPT), route, NEVER)).durable;
  const full = size();
  assert.ok(full > 75e6, `${full} bytes`);
  await buffer.ack(route.lane.id, 1600);
  await eventually("it has shrunk", async () => {
    await fake.advance(30_000);
    await (await buffer.accept(handover(1, 0, KEPT), route, NEVER)).durable;
    return size() < full / 2;
  });
  const { spooled, received } = buffer.ledger().total;
  assert.equal(received - spooled, 1600);
  assert.ok(buffer.ledger().balanced);
});
