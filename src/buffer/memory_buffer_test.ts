import assert from "node:assert/strict";
import { testBuffer } from "../../tests/contract/buffer.ts";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { fakeRoute, handover, numbersOf } from "../../tests/fakes/rows.ts";
import { DecodeError } from "../core/error.ts";
import type { ConnectorEvent } from "../core/event.ts";
import { type DropPolicy, MemoryBuffer, type MemoryBufferOptions } from "./memory_buffer.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;

function open(overrides: Partial<MemoryBufferOptions> = {}): { buffer: MemoryBuffer; events: ConnectorEvent[] } {
  const events: ConnectorEvent[] = [];
  const buffer = new MemoryBuffer({
    edgeId: "edge",
    bootEpoch: 5,
    maxUnsent: 1000,
    maxUnsentBytes: 1e9,
    dropPolicy: "reject_new",
    warningThreshold: 0.8,
    maxRowBytes: 4e6,
    maxDeadLetterBytes: 1e6,
    clock: new FakeClock(),
    report: (event) => events.push(event),
    ...overrides,
  });
  return { buffer, events };
}

/** The numbers of the first `count` rows; waits for those that are still to come. */
async function readAll(buffer: MemoryBuffer, count: number): Promise<number[]> {
  const stop = new AbortController();
  const numbers: number[] = [];
  for await (const rows of buffer.next(lane, stop.signal)) {
    numbers.push(...numbersOf(rows));
    if (numbers.length >= count) stop.abort();
  }
  return numbers;
}

testBuffer("MemoryBuffer", () => Promise.resolve(open().buffer));

Deno.test("MemoryBuffer under reject_new takes in what fits and makes the source wait with the rest", async () => {
  const { buffer } = open({ maxUnsent: 4 });
  const accepting = buffer.accept(handover(6), fakeRoute(), NEVER).then(() => "accepted");
  assert.equal(await Promise.race([accepting, Promise.resolve("waiting")]), "waiting");
  assert.equal(buffer.level().unsent, 4);
  assert.deepEqual(await readAll(buffer, 6), [0, 1, 2, 3, 4, 5]);
  assert.equal(await accepting, "accepted");
  assert.equal(buffer.ledger().total.received, 6);
});

Deno.test("MemoryBuffer.accept() that is told to stop waiting counts only what it took in", async () => {
  const { buffer } = open({ maxUnsent: 2 });
  const stop = new AbortController();
  const accepting = buffer.accept(handover(5), fakeRoute(), stop.signal);
  stop.abort(new Error("stopping"));
  await assert.rejects(accepting, /stopping/);
  assert.equal(buffer.ledger().total.received, 2);
  assert.ok(buffer.ledger().balanced);
});

const POLICIES: { policy: DropPolicy; kept: number[]; reason: string; range: [number, number] }[] = [
  { policy: "newest", kept: [0, 1, 2, 3], reason: "queue_full_newest", range: [4, 5] },
  { policy: "oldest", kept: [2, 3, 4, 5], reason: "queue_full_oldest", range: [0, 3] },
];
for (const { policy, kept, reason, range } of POLICIES) {
  Deno.test(`MemoryBuffer under ${policy} drops two of six when four fit, counts them and says from when`, async () => {
    const { buffer, events } = open({ maxUnsent: 4, dropPolicy: policy });
    await buffer.accept(handover(4), fakeRoute(), NEVER);
    await buffer.accept(handover(2, 4), fakeRoute(), NEVER);
    assert.deepEqual(await readAll(buffer, 4), kept);
    const { received, dropped } = buffer.ledger().total;
    assert.deepEqual({ received, dropped }, { received: 6, dropped: { [reason]: 2 } });
    assert.ok(buffer.ledger().balanced);
    const [drop] = events.filter((event) => event.kind === "readings_dropped");
    assert.deepEqual(drop, {
      kind: "readings_dropped",
      source: "press",
      reason,
      count: 2,
      fromUs: range[0],
      toUs: range[1],
    });
  });

  Deno.test(`MemoryBuffer under ${policy} never drops what a broker would send again: it makes the source wait`, async () => {
    const { buffer } = open({ maxUnsent: 4, dropPolicy: policy });
    await buffer.accept(handover(4, 0, { isWithheld: true }), fakeRoute(), NEVER);
    const accepting = buffer.accept(handover(1, 4, { isWithheld: true }), fakeRoute(), NEVER).then(() => "accepted");
    assert.equal(await Promise.race([accepting, Promise.resolve("waiting")]), "waiting");
    assert.deepEqual(await readAll(buffer, 5), [0, 1, 2, 3, 4]);
    assert.deepEqual(buffer.ledger().total.dropped, {});
  });
}

Deno.test("MemoryBuffer under oldest stays small however long nobody reads", async () => {
  const { buffer } = open({ maxUnsent: 10, dropPolicy: "oldest" });
  for (let i = 0; i < 500; i++) await buffer.accept(handover(3, i * 3), fakeRoute(), NEVER);
  assert.equal(buffer.level().queued, 10);
  assert.deepEqual(await readAll(buffer, 10), [1490, 1491, 1492, 1493, 1494, 1495, 1496, 1497, 1498, 1499]);
  assert.ok(buffer.ledger().balanced);
});

Deno.test("MemoryBuffer reports once when the queue is high and once when it is not any more", async () => {
  const { buffer, events } = open({ maxUnsent: 10 });
  for (let i = 0; i < 9; i++) await buffer.accept(handover(1, i), fakeRoute(), NEVER);
  await readAll(buffer, 9);
  const levels = events.filter((event) => event.kind === "queue_level").map((event) => event.isHigh);
  assert.deepEqual(levels, [true, false]);
});

Deno.test("MemoryBuffer that is closed tells whoever waits that their rows are not durable", async () => {
  const { buffer } = open();
  const receipt = await buffer.accept(handover(1, 0, { isWithheld: true }), fakeRoute(), NEVER);
  await buffer[Symbol.asyncDispose]();
  await assert.rejects(receipt.durable, { code: "stopped" });
});

Deno.test("MemoryBuffer lets the oldest dead letters go beyond their limit, and counts them as purged", async () => {
  const { buffer } = open({ maxDeadLetterBytes: 1000 });
  const reason = new DecodeError("not_json", "not JSON");
  for (let i = 0; i < 6; i++) {
    const refusal = { tag: `t${i}`, eventTimeUs: i, payload: new Uint8Array(100), reason };
    await buffer.accept({ readings: [], refusals: [refusal], isWithheld: false }, fakeRoute(), NEVER);
  }
  const { dead_lettered, purged } = buffer.ledger().total;
  assert.deepEqual({ dead_lettered, purged }, { dead_lettered: 3, purged: 3 });
  assert.deepEqual(buffer.deadLetters(9).map((letter) => letter.tag), ["t5", "t4", "t3"]);
  assert.ok(buffer.ledger().balanced);
});

Deno.test("MemoryBuffer makes a reading that cannot be encoded a dead letter instead of stopping its source", async () => {
  const { buffer } = open();
  const route = {
    ...fakeRoute(),
    encode: (reading: { eventTimeUs: number }) => {
      if (reading.eventTimeUs === 1) throw new RangeError("out of range");
      return Uint8Array.of(reading.eventTimeUs);
    },
  };
  await buffer.accept(handover(3), route, NEVER);
  const { received, queued, dead_lettered } = buffer.ledger().total;
  assert.deepEqual({ received, queued, dead_lettered }, { received: 3, queued: 2, dead_lettered: 1 });
  assert.match(buffer.deadLetters(1)[0]?.reason ?? "", /out of range/);
});

Deno.test("MemoryBuffer hands out many segments at a turn, and uses the memory of acknowledged rows again", async () => {
  const { buffer } = open({ maxUnsent: 1e6 });
  const route = { ...fakeRoute(), encode: (reading: { eventTimeUs: number }) => filled(reading.eventTimeUs) };
  const memory = new Set<ArrayBufferLike>();
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < 8; i++) await buffer.accept(handover(100, round * 800 + i * 100), route, NEVER);
    const stop = new AbortController();
    for await (const rows of buffer.next(lane, stop.signal)) {
      assert.equal(rows.length, 800);
      let number = round * 800;
      for (const row of rows) {
        memory.add(row.bytes.buffer);
        assert.deepEqual(row.bytes, filled(number++));
      }
      stop.abort();
    }
    await buffer.ack(lane, (round + 1) * 800);
  }
  assert.ok(memory.size < 5, `${memory.size} chunks for 3 MB of rows, never more than 80 kB of them at a time`);
});

function filled(number: number): Uint8Array {
  return new Uint8Array(100).fill(number % 251);
}

Deno.test("MemoryBuffer is full once its unsent rows have as many bytes as they may, however few they are", async () => {
  const { buffer } = open({ maxUnsentBytes: 1000 });
  const route = { ...fakeRoute(), encode: () => new Uint8Array(600) };
  await buffer.accept(handover(1), route, NEVER);
  await buffer.accept(handover(1, 1), route, NEVER);
  const accepting = buffer.accept(handover(1, 2), route, NEVER).then(() => "accepted");
  assert.equal(await Promise.race([accepting, Promise.resolve("waiting")]), "waiting");
  await buffer.ack(lane, 2);
  assert.equal(await accepting, "accepted");
});

Deno.test("MemoryBuffer books no refusal of a handover that is given up while it waits for room", async () => {
  const { buffer } = open({ maxUnsent: 1 });
  const stop = new AbortController();
  const refusal = { tag: "x", eventTimeUs: 0, payload: new Uint8Array(1), reason: new DecodeError("not_json", "no") };
  const accepting = buffer.accept({ ...handover(3), refusals: [refusal] }, fakeRoute(), stop.signal);
  stop.abort(new Error("stopping"));
  await assert.rejects(accepting, /stopping/);
  assert.equal(buffer.ledger().total.dead_lettered, 0);
});

Deno.test("MemoryBuffer gives each lane memory of its own, so that one that stands still holds no other's", async () => {
  const { buffer } = open();
  const fast = fakeRoute("fast");
  const slow = fakeRoute("slow", "main.bronze.slow");
  const chunkOf = async (route: typeof fast) => {
    for await (const rows of buffer.next(route.lane.id, NEVER)) return rows.at(0)?.bytes.buffer;
  };
  await buffer.accept(handover(1), fast, NEVER);
  await buffer.accept(handover(1), slow, NEVER);
  assert.notEqual(await chunkOf(fast), await chunkOf(slow));
});
