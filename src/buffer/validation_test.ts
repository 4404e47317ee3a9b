/** What becomes of what may not be accepted, in both buffers. */
import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { fakeRoute, handover, numbersOf } from "../../tests/fakes/rows.ts";
import { SpoolHome } from "../../tests/fakes/spool.ts";
import { DecodeError } from "../core/error.ts";
import type { ConnectorEvent } from "../core/event.ts";
import type { Refusal } from "../core/reading.ts";
import type { Buffer, Handover, Receipt, Route } from "./buffer.ts";
import { MemoryBuffer } from "./memory_buffer.ts";

const NEVER = new AbortController().signal;
const MAX_ROW_BYTES = 100_000;

/** Readings with an odd number lack something, number 4 becomes too large a row, and number 6 none at all. */
const route: Route = {
  ...fakeRoute(),
  encode: (reading, stamp) => {
    if (reading.eventTimeUs === 6) throw new RangeError("out of range");
    const bytes = fakeRoute().encode(reading, stamp);
    return reading.eventTimeUs === 4 ? new Uint8Array([...bytes, ...new Uint8Array(MAX_ROW_BYTES)]) : bytes;
  },
  fault: (row) => {
    const text = new TextDecoder().decode(row);
    return /[13579]$/.test(text) ? new DecodeError("required_field_missing", `${text} lacks a unit`) : undefined;
  },
};

function refusal(kept: Pick<Refusal, "isCut"> = {}): Refusal {
  const reason = new DecodeError("not_json", "It is no JSON");
  return { tag: "t", eventTimeUs: 9, payload: Uint8Array.of(1), ...kept, reason };
}

interface Opened extends AsyncDisposable {
  readonly buffer: Buffer;
  readonly events: readonly ConnectorEvent[];
}

interface Options {
  readonly isInvalidLetGo: boolean;
}

function openMemory(options: Options): Promise<Opened> {
  const events: ConnectorEvent[] = [];
  const buffer = new MemoryBuffer({
    edgeId: "edge",
    bootEpoch: 5,
    maxUnsent: 1000,
    maxUnsentBytes: 1e9,
    dropPolicy: "reject_new",
    warningThreshold: 0.8,
    maxRowBytes: MAX_ROW_BYTES,
    maxDeadLetterBytes: 1e6,
    clock: new FakeClock(),
    report: (event) => events.push(event),
    ...options,
  });
  return Promise.resolve({ buffer, events, [Symbol.asyncDispose]: () => buffer[Symbol.asyncDispose]() });
}

async function openSpool(options: Options): Promise<Opened> {
  const home = new SpoolHome();
  const buffer = await home.open({ maxRowBytes: MAX_ROW_BYTES, ...options });
  return {
    buffer,
    events: home.events,
    async [Symbol.asyncDispose]() {
      await buffer[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Whether it is durable without anything else happening first. */
function outcome({ durable }: Receipt): Promise<string> {
  const later = Promise.resolve().then(() => {}).then(() => "waits");
  return Promise.race([durable.then(() => "durable"), later]);
}

async function firstRows(buffer: Buffer) {
  for await (const rows of buffer.next(route.lane.id, NEVER)) return rows;
  throw new TypeError("the reader ended by itself");
}

for (const [name, open] of [["MemoryBuffer", openMemory], ["SpoolBuffer", openSpool]] as const) {
  Deno.test(`${name} makes what may not be accepted a dead letter, and numbers the others without a gap`, async () => {
    await using opened = await open({ isInvalidLetGo: false });
    const { buffer } = opened;
    const receipt = await buffer.accept({ ...handover(8), refusals: [refusal()] }, route, NEVER);
    const rows = await firstRows(buffer);
    assert.deepEqual(numbersOf(rows), [0, 2]);
    assert.deepEqual([...rows].map(({ seq }) => seq), [1, 2]);
    await buffer.ack(route.lane.id, 2);
    await receipt.durable;
    const { total, balanced } = buffer.ledger();
    const { received, written, dead_lettered, filtered } = total;
    assert.deepEqual({ received, written, dead_lettered, filtered }, {
      received: 9,
      written: 2,
      dead_lettered: 7,
      filtered: 0,
    });
    assert.ok(balanced);
    const codes = buffer.deadLetters(9).map(({ code }) => code).reverse();
    const lacking = "required_field_missing";
    assert.deepEqual(codes, [lacking, lacking, "record_too_large", lacking, "encode_failed", lacking, "not_json"]);
  });

  Deno.test(`${name} keeps of what lacks something its row, and of what is too large the beginning`, async () => {
    await using opened = await open({ isInvalidLetGo: false });
    const { buffer } = opened;
    await buffer.accept(handover(4, 3), route, NEVER);
    const [, , large, lacking] = buffer.deadLetters(9);
    assert.deepEqual(lacking?.content, { payload: new TextEncoder().encode("t:3"), message: "FakeRecord" });
    assert.equal(lacking?.reason, "t:3 lacks a unit");
    assert.ok(large && "payload" in large.content);
    const { payload, isCut } = large.content;
    assert.deepEqual({ bytes: payload.length, isCut }, { bytes: 65_536, isCut: true });
    assert.match(
      large.reason,
      /100003 bytes, and max_record_mb allows 100000 \(of 100003 bytes, SHA-256 [0-9a-f]{64},/,
    );
  });

  Deno.test(`${name} knows of a refused message whether it is whole`, async () => {
    await using opened = await open({ isInvalidLetGo: false });
    const refusals = [refusal(), refusal({ isCut: true })];
    await opened.buffer.accept({ readings: [], refusals, isWithheld: false }, route, NEVER);
    const payload = Uint8Array.of(1);
    const contents = opened.buffer.deadLetters(2).map(({ content }) => content);
    assert.deepEqual(contents, [{ payload, isCut: true }, { payload }]);
  });

  Deno.test(`${name} told to let go what may not be accepted counts it, and acknowledges it at once`, async () => {
    await using opened = await open({ isInvalidLetGo: true });
    const { buffer, events } = opened;
    const invalid: Handover = { readings: [...handover(1, 3).readings, ...handover(3, 4).readings], isWithheld: true };
    const receipt = await buffer.accept({ ...invalid, refusals: [refusal()] }, route, NEVER);
    assert.equal(await outcome(receipt), "durable");
    const { total, balanced } = buffer.ledger();
    const { received, filtered, dead_lettered } = total;
    assert.deepEqual({ received, filtered, dead_lettered }, { received: 5, filtered: 5, dead_lettered: 0 });
    assert.ok(balanced);
    assert.deepEqual(buffer.deadLetters(9), []);
    const told = events.flatMap((event) => event.kind === "reading_filtered" ? [[event.source, event.error.code]] : []);
    assert.deepEqual(told.map(([, code]) => code), [
      "required_field_missing",
      "record_too_large",
      "required_field_missing",
      "encode_failed",
      "not_json",
    ]);
  });
}

Deno.test("SpoolBuffer acknowledges a dead letter once it is on disk, and not before", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open();
  const receipt = await buffer.accept(handover(1, 3, { isWithheld: true }), route, NEVER);
  assert.equal(await outcome(receipt), "waits");
  await receipt.durable;
  using kv = await Deno.openKv(`${home.directory}/spool.db`);
  assert.equal((await Array.fromAsync(kv.list({ prefix: ["letter"] }))).length, 1);
});

Deno.test("SpoolBuffer knows after a restart what a dead letter holds, and what was let go", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open({ maxRowBytes: MAX_ROW_BYTES });
    await buffer.accept({ ...handover(2, 3), refusals: [refusal()] }, route, NEVER);
  }
  {
    await using buffer = await home.open({ isInvalidLetGo: true });
    const [raw, large, lacking] = buffer.deadLetters(9);
    assert.deepEqual(raw?.content, { payload: Uint8Array.of(1) });
    assert.deepEqual(lacking?.content, { payload: new TextEncoder().encode("t:3"), message: "FakeRecord" });
    assert.ok(large && "payload" in large.content && large.content.isCut);
    await buffer.accept(handover(1, 3), route, NEVER);
  }
  await using buffer = await home.open();
  const { total, balanced } = buffer.ledger();
  const { received, filtered, dead_lettered } = total;
  assert.deepEqual({ received, filtered, dead_lettered }, { received: 4, filtered: 1, dead_lettered: 3 });
  assert.ok(balanced);
});
