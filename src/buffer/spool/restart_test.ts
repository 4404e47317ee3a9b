/** What is there again after the process ended, in good order or not. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { eventually } from "../../../tests/wait.ts";
import { DecodeError, RejectedError } from "../../core/error.ts";
import type { Row } from "../../core/reading.ts";
import type { Buffer } from "../buffer.ts";
import { difference } from "../ledger.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;

async function read(buffer: Buffer, count: number): Promise<Row[]> {
  const rows: Row[] = [];
  const stop = new AbortController();
  for await (const some of buffer.next(lane, stop.signal)) {
    for (const row of some) rows.push(copyOf(row));
    if (rows.length >= count) stop.abort();
  }
  return rows.slice(0, count);
}

/** The row as it is now: its memory is used again once it is acknowledged. */
function copyOf({ lane, source, tag, edgeId, bootEpoch, seq, bytes }: Row): Row {
  return { lane, source, tag, edgeId, bootEpoch, seq, bytes: bytes.slice() };
}

function assertBalanced(buffer: Buffer): void {
  const { total, balanced } = buffer.ledger();
  assert.equal(difference(total), 0, JSON.stringify(total));
  assert.ok(balanced);
}

Deno.test("SpoolBuffer hands out after a restart what was not acknowledged, with its old identity, before new rows", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open();
    await buffer.accept(handover(5), fakeRoute(), NEVER);
    await buffer.ack(lane, 2);
  }
  await using buffer = await home.open();
  assertBalanced(buffer);
  assert.equal(buffer.ledger().total.spooled, 3);
  await buffer.accept(handover(2, 5), fakeRoute(), NEVER);
  const rows = await read(buffer, 5);
  assert.deepEqual(numbersOf(rows), [2, 3, 4, 5, 6]);
  assert.deepEqual(rows.map(({ bootEpoch, seq }) => [bootEpoch, seq]), [[100, 3], [100, 4], [100, 5], [101, 6], [
    101,
    7,
  ]]);
  assert.ok(rows.every(({ edgeId, source, tag }) => edgeId === "edge" && source === "press" && tag === "t"));
  await buffer.ack(lane, 7);
  const { received, written } = buffer.ledger().total;
  assert.deepEqual({ received, written }, { received: 7, written: 7 });
  assert.deepEqual(home.eventsOf("spool_restored").map(({ rows }) => rows), [3]);
});

Deno.test("SpoolBuffer keeps dead letters and counters over a restart, and a refused row does not come back", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open();
    await buffer.accept(handover(4), fakeRoute(), NEVER);
    const rows = await read(buffer, 4);
    assert.ok(rows[2]);
    await buffer.reject(rows[2], new RejectedError("refused", "does not fit"));
    const refusal = {
      tag: "x",
      eventTimeUs: 0,
      payload: Uint8Array.of(1, 2),
      reason: new DecodeError("not_json", "no"),
    };
    const receipt = await buffer.accept({ readings: [], refusals: [refusal], isWithheld: true }, fakeRoute(), NEVER);
    await receipt.durable;
  }
  await using buffer = await home.open();
  assertBalanced(buffer);
  const { received, spooled, dead_lettered } = buffer.ledger().total;
  assert.deepEqual({ received, spooled, dead_lettered }, { received: 5, spooled: 3, dead_lettered: 2 });
  const [undecodable, refused] = buffer.deadLetters(9);
  assert.deepEqual(undecodable?.content, { payload: Uint8Array.of(1, 2) });
  assert.ok(refused && "row" in refused.content);
  assert.deepEqual([refused.code, refused.content.row.seq], ["refused", 3]);
  assert.deepEqual(numbersOf(await read(buffer, 3)), [0, 1, 3]);
});

Deno.test("SpoolBuffer resolves receipts only for rows that the next start finds, and drains what never fitted into memory in order", async () => {
  await using home = new SpoolHome();
  const total = 30_000;
  {
    await using buffer = await home.open({ maxUnsent: 500 });
    for (let i = 0; i < total; i += 1000) {
      const receipt = await buffer.accept(handover(1000, i, { isWithheld: true }), fakeRoute(), NEVER);
      await receipt.durable;
    }
    const { unsent, queuedBytes } = buffer.level();
    assert.ok(unsent < 10_000, `${unsent} unsent rows in memory`);
    assert.ok(queuedBytes < total * 5, `${queuedBytes} bytes in memory of ${total * 7}`);
    const stop = new AbortController();
    const numbers: number[] = [];
    for await (const rows of buffer.next(lane, stop.signal)) {
      numbers.push(...numbersOf(rows));
      await buffer.ack(lane, rows.at(-1)?.seq ?? 0);
      if (numbers.length >= total / 2) stop.abort();
    }
    assert.deepEqual(numbers, Array.from(numbers, (_, i) => i));
  }
  await using buffer = await home.open();
  assertBalanced(buffer);
  const { written, spooled } = buffer.ledger().total;
  assert.equal(written + spooled, total);
  assert.deepEqual(numbersOf(await read(buffer, spooled)), Array.from({ length: spooled }, (_, i) => written + i));
});

Deno.test("SpoolBuffer makes one chunk of many small handovers that nobody reads", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open();
  for (let i = 0; i < 100; i++) {
    const receipt = await buffer.accept(handover(1, i), fakeRoute(), NEVER);
    await receipt.durable;
  }
  assert.ok(buffer.level().spooledBytes < 6000, `${buffer.level().spooledBytes} bytes for 100 rows`);
  assert.deepEqual(numbersOf(await read(buffer, 100)), Array.from({ length: 100 }, (_, i) => i));
});

Deno.test("SpoolBuffer keeps a row that is larger than any value of the store, and one that is too large as a cut dead letter", async () => {
  await using home = new SpoolHome();
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  const large = new Uint8Array(900_000);
  for (let at = 0; at < large.length; at += noise.length) large.set(noise, at);
  for (let at = 0; at < large.length; at += 16) large[at] = at % 251;
  const route = {
    ...fakeRoute(),
    encode: ({ eventTimeUs }: { eventTimeUs: number }) => large.subarray(0, eventTimeUs),
  };
  const sizes = [70_000, 800_000, 10, 900_000];
  {
    await using buffer = await home.open({ maxRowBytes: 850_000, isCompressed: false });
    const readings = sizes.map((size) => ({ tag: "t", eventTimeUs: size }));
    const receipt = await buffer.accept({ readings, isWithheld: true }, route, NEVER);
    await receipt.durable;
  }
  await using buffer = await home.open();
  assertBalanced(buffer);
  const rows = await read(buffer, 3);
  assert.deepEqual(rows.map(({ bytes }) => bytes.length), [70_000, 800_000, 10]);
  assert.deepEqual(rows[1]?.bytes, large.slice(0, 800_000));
  const [letter] = buffer.deadLetters(1);
  assert.match(letter?.reason ?? "", /900000 bytes, SHA-256 [0-9a-f]{64}, only the first 65536/);
  assert.ok(letter && "payload" in letter.content && letter.content.payload.length === 65_536);
});

Deno.test("SpoolBuffer goes on numbering rows when the host's clock jumps back a day", async () => {
  await using home = new SpoolHome();
  const clock = new FakeClock();
  {
    await using buffer = await home.open({ clock });
    const receipt = await buffer.accept(handover(3, 0, { isWithheld: true }), fakeRoute(), NEVER);
    await receipt.durable;
  }
  const earlier = new FakeClock(clock.nowUs() - 86_400_000_000);
  await using buffer = await home.open({ clock: earlier });
  const receipt = await buffer.accept(handover(1, 3, { isWithheld: true }), fakeRoute(), NEVER);
  await receipt.durable;
  assert.deepEqual((await read(buffer, 4)).map(({ seq }) => seq), [1, 2, 3, 4]);
  assertBalanced(buffer);
});

Deno.test("SpoolBuffer killed before all acknowledged chunks are deleted hands none of their rows out again", async () => {
  await using home = new SpoolHome();
  await using copy = new SpoolHome();
  const clock = new FakeClock();
  await using buffer = await home.open({ clock });
  const route = { ...fakeRoute(), encode: () => new Uint8Array(30_000) };
  const total = 400;
  await (await buffer.accept(handover(total), route, NEVER)).durable;
  await buffer.ack(lane, total - 1);
  const others = 1; // what gives room back to the disk
  await eventually("the next commit is put off", () => clock.sleeping === 1 + others);
  await clock.advance(20);
  await eventually("it is over, and the next is put off", () => clock.sleeping === 1 + others);
  copyFiles(home, copy);
  await using later = await copy.open();
  const { written, spooled, received } = later.ledger().total;
  assert.deepEqual({ written, spooled, received }, { written: total - 1, spooled: 1, received: total });
  assert.deepEqual((await read(later, 1)).map(({ seq }) => seq), [total]);
  assertBalanced(later);
});

/** What a kill would leave now: no commit is under way. */
function copyFiles(from: SpoolHome, to: SpoolHome): void {
  Deno.mkdirSync(to.directory);
  Deno.mkdirSync(`${to.path}/certs`);
  Deno.copyFileSync(from.keyPath, to.keyPath);
  for (const name of ["spool.db", "spool.db-wal"]) {
    Deno.copyFileSync(`${from.directory}/${name}`, `${to.directory}/${name}`);
  }
}

type Step =
  | { readonly do: "accept"; readonly count: number; readonly size: number }
  | { readonly do: "ack" | "reject"; readonly part: number }
  | { readonly do: "reread" | "restart" };

const part = fc.double({ min: 0, max: 1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("accept" as const), count: fc.nat(300), size: fc.nat(400) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ack" as const), part }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reject" as const), part }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reread" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);

Deno.test("SpoolBuffer loses and invents nothing, whatever the order of accepts, acks, refusals and restarts", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), runModel), { numRuns: 60 });
});

/** The model is an array of what waits: number and identity. */
async function runModel(steps: readonly Step[]): Promise<void> {
  await using home = new SpoolHome();
  let buffer = await home.open({ maxUnsent: 200 });
  let epoch = 100;
  let waiting: string[] = [];
  let [next, refused] = [1, 0];
  for (const each of steps) {
    const rows = waiting.length > 0 ? await read(buffer, waiting.length) : [];
    assert.deepEqual(rows.map(({ bootEpoch, seq }) => `${bootEpoch} ${seq}`), waiting);
    const at = "part" in each ? Math.floor(each.part * (waiting.length - 1)) : 0;
    const row = rows[at];
    if (each.do === "accept") {
      const route = { ...fakeRoute(), encode: () => new Uint8Array(each.size) };
      await buffer.accept(handover(each.count, next), route, NEVER);
      for (let i = 0; i < each.count; i++) waiting.push(`${epoch} ${next++}`);
    } else if (each.do === "ack" && row) {
      await buffer.ack(lane, row.seq);
      waiting = waiting.slice(at + 1);
    } else if (each.do === "reject" && row) {
      await buffer.reject(row, new RejectedError("refused", "no"));
      waiting.splice(at, 1);
      refused++;
    } else if (each.do === "restart") {
      await buffer[Symbol.asyncDispose]();
      buffer = await home.open({ maxUnsent: 200 });
      epoch++;
    }
    const { received, dead_lettered } = buffer.ledger().total;
    assert.deepEqual({ received, dead_lettered }, { received: next - 1, dead_lettered: refused });
    assert.equal(buffer.level().queued, waiting.length);
    assertBalanced(buffer);
  }
  await buffer[Symbol.asyncDispose]();
}
