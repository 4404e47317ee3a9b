import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { eventually } from "../../tests/wait.ts";
import { ConnectionError } from "../core/error.ts";
import type { Destination, Notice } from "./notice.ts";
import { Outbox } from "./outbox.ts";

function notice(rule: string): Notice {
  return {
    id: "1",
    status: "firing",
    rule,
    subject: null,
    severity: "warning",
    condition: "a > 1",
    advice: null,
    time: "2026-01-01T00:00:00.000Z",
    connector: "press",
    version: "1",
  };
}

class Receiver implements Destination {
  readonly name = "here";
  readonly type = "webhook";
  readonly got: string[] = [];
  tries = 0;
  isAway = false;

  send({ rule }: Notice): Promise<void> {
    this.tries++;
    if (this.isAway) return Promise.reject(new ConnectionError("webhook_unreachable", "nobody there"));
    this.got.push(rule);
    return Promise.resolve();
  }
}

function stand() {
  const [destination, clock, log] = [new Receiver(), new FakeClock(), new FakeLogger()];
  return { destination, clock, log, outbox: new Outbox({ destination, clock, log, random: () => 1 }) };
}

Deno.test("notices are told in their order, again and again until they are taken", async () => {
  const { destination, clock, log, outbox } = stand();
  await using _ = outbox;
  destination.isAway = true;
  for (const rule of ["a", "b"]) outbox.put(notice(rule));
  await eventually("the outbox goes on", () => destination.tries === 1 && clock.sleeping === 1);
  await clock.advance(1999);
  assert.equal(destination.tries, 1, "it waits before it tries again");
  await clock.advance(1);
  await eventually("the outbox goes on", () => destination.tries === 2 && clock.sleeping === 1);
  assert.equal(outbox.status.lastError?.message, "nobody there");
  assert.equal(log.lines.length, 1, "it is logged once");
  destination.isAway = false;
  await clock.advance(4000);
  await eventually("the outbox goes on", () => outbox.status.delivered === 2);
  assert.deepEqual(destination.got, ["a", "b"]);
  assert.deepEqual([outbox.status.waiting, outbox.status.lastError], [0, null]);
});

Deno.test("what waits is bounded: the oldest that is not being sent makes way, and each is counted once", async () => {
  const { destination, clock, outbox } = stand();
  await using _ = outbox;
  destination.isAway = true;
  for (let n = 0; n < 130; n++) outbox.put(notice(String(n)));
  await eventually("the outbox goes on", () => clock.sleeping === 1);
  assert.deepEqual([outbox.status.waiting, outbox.status.lost], [100, 30]);
  destination.isAway = false;
  await clock.advance(2000);
  await eventually("the outbox goes on", () => outbox.status.waiting === 0);
  assert.deepEqual([...destination.got.slice(0, 2), destination.got.at(-1)], ["0", "31", "129"]);
  assert.deepEqual([outbox.status.delivered, outbox.status.lost], [100, 30]);
});

Deno.test("one that nobody ever takes is given up, and the next has its turn", async () => {
  const { destination, clock, outbox } = stand();
  await using _ = outbox;
  destination.isAway = true;
  outbox.put(notice("a"));
  await eventually("the outbox goes on", () => clock.sleeping === 1);
  await clock.advance(30 * 900_000);
  await eventually("the outbox goes on", () => outbox.status.lost === 1);
  assert.deepEqual([destination.tries, outbox.status.waiting], [30, 0]);
});

Deno.test("an end does not wait for a receiver that is away", async () => {
  const { destination, clock, outbox } = stand();
  destination.isAway = true;
  outbox.put(notice("a"));
  await eventually("the outbox goes on", () => clock.sleeping === 1);
  await outbox[Symbol.asyncDispose]();
});
