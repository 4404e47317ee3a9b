/** The host's clock goes back by a day: a spool does not order, name or time anything by it. */
import assert from "node:assert/strict";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { readRows } from "../../../tests/fakes/spool_damage.ts";
import { eventually } from "../../../tests/wait.ts";
import type { Clock } from "../../core/clock.ts";
import { systemClock } from "../../lib/clock.ts";
import { difference } from "../ledger.ts";

const NEVER = new AbortController().signal;
const DAY_US = 86_400_000_000;
const lane = fakeRoute().lane.id;

/** The host's clock, whose time of day a test can move. */
class MovedClock implements Clock {
  offsetUs = 0;

  nowUs(): number {
    return systemClock.nowUs() + this.offsetUs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }

  every(ms: number, task: () => void | Promise<void>): Disposable {
    return systemClock.every(ms, task);
  }
}

for (const isRunning of [true, false]) {
  const moment = isRunning ? "while it is open" : "between two starts";
  Deno.test(`SpoolBuffer keeps order, numbers and commits when the host's clock goes back a day ${moment}`, async () => {
    await using home = new SpoolHome();
    const clock = new MovedClock();
    let buffer = await home.open({ clock });
    await (await buffer.accept(handover(5), fakeRoute(), NEVER)).durable;
    clock.offsetUs -= DAY_US;
    if (!isRunning) {
      await buffer[Symbol.asyncDispose]();
      buffer = await home.open({ clock });
    }
    await (await buffer.accept(handover(5, 5), fakeRoute(), NEVER)).durable;
    const rows = await readRows(buffer, 10);
    assert.deepEqual(numbersOf(rows), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(rows.map(({ seq }) => seq), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const logBytes = () => Deno.statSync(`${home.directory}/spool.db-wal`).size;
    const before = logBytes();
    await buffer.ack(lane, 10);
    await eventually("what nobody waits for is written when the interval is over", () => logBytes() > before);
    await buffer[Symbol.asyncDispose]();
    await using again = await home.open({ clock });
    assert.equal(again.ledger().total.written, 10);
    assert.equal(difference(again.ledger().total), 0);
    assert.ok(home.eventsOf("rows_written").every(({ ackMs }) => ackMs >= 0));
  });
}
