/** Rows that stay in memory until there is a reason to put them on disk. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { eventually } from "../../../tests/wait.ts";
import { copyOf, type Row } from "../../core/reading.ts";
import { difference } from "../ledger.ts";
import type { SpoolBuffer } from "./spool_buffer.ts";
import type { SpoolBufferOptions } from "./spool_buffer_options.ts";

const NEVER = new AbortController().signal;
const { id: lane, table } = fakeRoute().lane;
const LAZILY = { spillThreshold: 0.8, maxUnsent: 1000 };

const openLazily = (home: SpoolHome, overrides: Partial<SpoolBufferOptions> = {}) =>
  home.open({ ...LAZILY, ...overrides });

/** Reads for as long as it is not disposed: what came, and may be waited for. */
class Reader implements AsyncDisposable {
  readonly rows: Row[] = [];
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;

  constructor(buffer: SpoolBuffer) {
    this.#reading = this.#read(buffer);
  }

  async has(count: number): Promise<void> {
    await eventually(`${count} rows`, () => this.rows.length >= count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }

  async #read(buffer: SpoolBuffer): Promise<void> {
    for await (const some of buffer.next(lane, this.#stop.signal)) for (const row of some) this.rows.push(copyOf(row));
  }
}

function assertBalanced(buffer: SpoolBuffer): void {
  const { total, balanced } = buffer.ledger();
  assert.equal(difference(total), 0, JSON.stringify(total));
  assert.ok(balanced);
}

const accept = (buffer: SpoolBuffer, count: number, from = 0, isWithheld = false) =>
  buffer.accept(handover(count, from, { isWithheld }), fakeRoute(), NEVER);
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
const reasons = (home: SpoolHome) => home.eventsOf("spill").map(({ reason }) => reason);

/** What a kill at this moment would leave: no commit is under way. */
async function killedCopy(home: SpoolHome): Promise<SpoolHome> {
  const copy = new SpoolHome();
  for (const folder of ["spool", "certs"]) {
    await Deno.mkdir(`${copy.path}/${folder}`);
    for await (const { name } of Deno.readDir(`${home.path}/${folder}`)) {
      await Deno.copyFile(`${home.path}/${folder}/${name}`, `${copy.path}/${folder}/${name}`);
    }
  }
  return copy;
}

Deno.test("Rows that the sink acknowledges soon are never on disk, and their device is answered then", async () => {
  await using home = new SpoolHome();
  await using buffer = await openLazily(home);
  await using reader = new Reader(buffer);
  const receipt = await accept(buffer, 300, 0, true);
  await reader.has(300);
  assert.deepEqual(numbersOf(reader.rows), numbers(300));
  assert.deepEqual([buffer.ledger().total.queued, buffer.ledger().total.spooled], [300, 0]);
  assert.equal(await Promise.race([receipt.durable.then(() => true), Promise.resolve(false)]), false);
  await buffer.ack(lane, 300);
  await receipt.durable;
  assert.equal(buffer.level().spooledBytes, 0);
  assert.equal(buffer.ledger().total.written, 300);
  assertBalanced(buffer);
  assert.deepEqual(reasons(home), [undefined]);
});

Deno.test("Rows go to disk when more wait than the threshold, and all leave in order", async () => {
  await using home = new SpoolHome();
  await using buffer = await openLazily(home);
  await using reader = new Reader(buffer);
  await accept(buffer, 10);
  await reader.has(10);
  for (let from = 10; from < 100; from += 10) await accept(buffer, 10, from);
  await accept(buffer, 900, 100);
  await eventually("they are on disk", () => buffer.ledger().total.queued === 0);
  assert.equal(buffer.ledger().total.spooled, 1000);
  assert.ok(reasons(home).includes("queue_high"));
  assertBalanced(buffer);
  await reader.has(1000);
  assert.deepEqual(numbersOf(reader.rows), numbers(1000));
  await buffer.ack(lane, 1000);
  await accept(buffer, 5, 1000);
  await reader.has(1005);
  assert.deepEqual([buffer.ledger().total.queued, reasons(home).at(-1)], [5, undefined]);
  assertBalanced(buffer);
});

Deno.test("Rows go to disk, and devices are answered, when the sink is away", async () => {
  await using home = new SpoolHome();
  await using buffer = await openLazily(home);
  const receipts = [];
  {
    await using reader = new Reader(buffer);
    receipts.push(await accept(buffer, 10, 0, true));
    await reader.has(10);
    assert.equal(buffer.ledger().total.spooled, 0);
  }
  buffer.sinkAway(lane);
  receipts.push(await accept(buffer, 10, 10, true));
  await Promise.all(receipts.map(({ durable }) => durable));
  assert.equal(buffer.ledger().total.spooled, 20);
  assert.deepEqual(reasons(home), [undefined, "sink_away"]);
  await using again = new Reader(buffer);
  await again.has(20);
  assert.deepEqual(numbersOf(again.rows), numbers(20));
});

Deno.test("Rows go to disk that were sent five seconds ago and are not acknowledged", async () => {
  await using home = new SpoolHome();
  const clock = new FakeClock();
  await using buffer = await openLazily(home, { clock });
  await using reader = new Reader(buffer);
  const receipt = await accept(buffer, 10, 0, true);
  await reader.has(10);
  await clock.advance(5000);
  assert.equal(buffer.ledger().total.spooled, 0);
  await clock.advance(2000);
  await receipt.durable;
  assert.equal(buffer.ledger().total.spooled, 10);
  assert.deepEqual(reasons(home), [undefined, "slow_acknowledgement"]);
  await buffer.ack(lane, 10);
  assertBalanced(buffer);
});

Deno.test("When the sources end, devices are answered although the sink acknowledges nothing", async () => {
  await using home = new SpoolHome();
  await using buffer = await openLazily(home);
  await using reader = new Reader(buffer);
  const receipt = await accept(buffer, 10, 0, true);
  await reader.has(10);
  buffer.sourcesEnd();
  await receipt.durable;
  await (await accept(buffer, 5, 10, true)).durable; // what they still hand over
  assert.deepEqual([buffer.ledger().total.spooled, reasons(home).at(-1)], [15, "stop"]);
});

Deno.test("A clean stop puts on disk what is in memory: nothing is lost, and no number is left out", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await openLazily(home);
    await using reader = new Reader(buffer);
    await accept(buffer, 10);
    await reader.has(10);
    await buffer.ack(lane, 4);
  }
  await using buffer = await openLazily(home);
  assertBalanced(buffer);
  assert.deepEqual(home.eventsOf("lost_at_crash"), []);
  const { spooled, written, lost_at_crash } = buffer.ledger().total;
  assert.deepEqual({ spooled, written, lost_at_crash }, { spooled: 6, written: 4, lost_at_crash: 0 });
  await accept(buffer, 1, 10);
  await using reader = new Reader(buffer);
  await reader.has(7);
  assert.deepEqual(numbersOf(reader.rows), numbers(7, 4));
  assert.deepEqual(reader.rows.map(({ seq }) => seq), numbers(7, 5));
});

Deno.test("A kill loses at most what was in memory; its numbers are not given again, and count as lost", async () => {
  await using home = new SpoolHome();
  await using buffer = await openLazily(home);
  await using reader = new Reader(buffer);
  await accept(buffer, 10);
  await reader.has(10);
  await buffer.ack(lane, 10);
  await accept(buffer, 20, 10);
  await reader.has(30);
  await using copy = await killedCopy(home);
  await using after = await openLazily(copy, { bootEpoch: 900 });
  assertBalanced(after);
  const { lost_at_crash, received, written } = after.ledger().total;
  assert.ok(lost_at_crash >= 30, `${lost_at_crash} may be lost`);
  assert.deepEqual([received, written], [lost_at_crash, 0]);
  const [range] = await Array.fromAsync(after.tools.missing());
  assert.deepEqual([range?.table, range?.firstSeq, range?.reason], [table, 1, "lost_at_crash"]);
  assert.deepEqual(copy.eventsOf("lost_at_crash").map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]), [
    [1, range?.lastSeq],
  ]);
  await accept(after, 1, 99);
  await using rest = new Reader(after);
  await rest.has(1);
  assert.ok(rest.rows[0]!.seq > 30);
  await using second = await killedCopy(copy);
  await using third = await openLazily(second, { bootEpoch: 901 });
  assertBalanced(third);
});

Deno.test("What a kill cannot have taken any more is written down once a minute", async () => {
  await using home = new SpoolHome();
  const clock = new FakeClock();
  await using buffer = await openLazily(home, { clock });
  await using reader = new Reader(buffer);
  await accept(buffer, 200);
  await reader.has(200);
  await buffer.ack(lane, 200);
  await clock.advance(61_000);
  await buffer.tools.purge([0]); // whatever waits is written
  await using copy = await killedCopy(home);
  await using after = await openLazily(copy);
  const { received, written, lost_at_crash } = after.ledger().total;
  assert.deepEqual([written, received], [200, 200 + lost_at_crash]);
  assert.deepEqual((await Array.fromAsync(after.tools.missing())).map(({ firstSeq }) => firstSeq), [201]);
});

Deno.test("Rows in memory are neither lost nor invented, whatever comes when, and whoever stops and starts", async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("accept" as const), count: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant("ack" as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.constantFrom({ kind: "away" as const }, { kind: "restart" as const }, { kind: "read" as const }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await using home = new SpoolHome();
      let buffer = await openLazily(home, { maxUnsent: 500 });
      let reader: Reader | undefined;
      let next = 0;
      let acked = 0;
      const close = async () => {
        await reader?.[Symbol.asyncDispose]();
        reader = undefined;
      };
      try {
        for (const each of steps) {
          if (each.kind === "accept") {
            await accept(buffer, each.count, next);
            next += each.count;
          } else if (each.kind === "away") {
            await close();
            buffer.sinkAway(lane);
          } else if (each.kind === "restart") {
            await close();
            await buffer[Symbol.asyncDispose]();
            buffer = await openLazily(home, { maxUnsent: 500 });
          } else if (each.kind === "read") reader ??= new Reader(buffer);
          else if (reader) {
            await reader.has(next - acked);
            const count = Math.floor((next - acked) * each.part);
            const last = reader.rows[count - 1];
            if (!last) continue;
            await buffer.ack(lane, last.seq);
            reader.rows.splice(0, count);
            acked += count;
          }
          assertBalanced(buffer);
        }
        await close();
        reader = new Reader(buffer);
        await reader.has(next - acked);
        assert.deepEqual(numbersOf(reader.rows), numbers(next - acked, acked));
        const { received, written, lost_at_crash } = buffer.ledger().total;
        assert.deepEqual([received, written, lost_at_crash], [next, acked, 0]);
      } finally {
        await close();
        await buffer[Symbol.asyncDispose]();
      }
    }),
    { numRuns: 60 },
  );
});
