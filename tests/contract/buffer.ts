/** What every `Buffer` does, whatever it keeps its rows in. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Buffer, Receipt } from "../../src/buffer/buffer.ts";
import { difference } from "../../src/buffer/ledger.ts";
import { DecodeError, RejectedError } from "../../src/core/error.ts";
import type { Row } from "../../src/core/reading.ts";
import { fakeRoute, handover, numbersOf } from "../fakes/rows.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;

/** Opens an empty buffer with room for at least 1,000 unsent rows. */
export type OpenBuffer = () => Promise<Buffer>;

/** The first `count` unacknowledged rows of the lane, read from its start. */
async function read(buffer: Buffer, count: number, of = lane): Promise<Row[]> {
  const rows: Row[] = [];
  const stop = new AbortController();
  for await (const some of buffer.next(of, stop.signal)) {
    rows.push(...some);
    if (rows.length >= count) stop.abort();
  }
  return rows.slice(0, count);
}

async function isDurable(receipt: Receipt): Promise<boolean> {
  return await Promise.race([receipt.durable.then(() => true), Promise.resolve(false)]);
}

function assertBalanced(buffer: Buffer): void {
  const { total, balanced } = buffer.ledger();
  assert.equal(difference(total), 0, JSON.stringify(total));
  assert.ok(balanced);
}

/** Registers the suite's tests under `name`. */
export function testBuffer(name: string, open: OpenBuffer): void {
  const test = (sentence: string, run: (buffer: Buffer) => Promise<void>) =>
    Deno.test(`${name} ${sentence}`, async () => {
      await using buffer = await open();
      await run(buffer);
      assertBalanced(buffer);
    });

  test("hands rows out in the order they came in, numbered from 1 without a gap", async (buffer) => {
    await buffer.accept(handover(3, 0), fakeRoute("a"), NEVER);
    await buffer.accept(handover(2, 3), fakeRoute("b"), NEVER);
    const rows = await read(buffer, 5);
    assert.deepEqual(numbersOf(rows), [0, 1, 2, 3, 4]);
    assert.deepEqual(rows.map((row) => row.seq), [1, 2, 3, 4, 5]);
    await buffer.ack(lane, 5);
  });

  test("reads again from the first unacknowledged row, with the same identity", async (buffer) => {
    await buffer.accept(handover(5), fakeRoute(), NEVER);
    const first = await read(buffer, 5);
    await buffer.ack(lane, 2);
    const again = await read(buffer, 3);
    assert.deepEqual(
      again.map(({ edgeId, bootEpoch, seq }) => ({ edgeId, bootEpoch, seq })),
      first.slice(2).map(
        ({ edgeId, bootEpoch, seq }) => ({ edgeId, bootEpoch, seq }),
      ),
    );
    await buffer.ack(lane, 5);
  });

  test("wakes a reader that waits when rows arrive, and ends it when its signal aborts", async (buffer) => {
    const reading = read(buffer, 1);
    await buffer.accept(handover(1, 7), fakeRoute(), NEVER);
    assert.deepEqual(numbersOf(await reading), [7]);
    await buffer.ack(lane, 1);
  });

  test("keeps lanes apart, and counts seq per table where lanes share one", async (buffer) => {
    const other = fakeRoute("b");
    const shared = { ...other, lane: { ...other.lane, id: `${other.lane.table}#Other`, message: "Other" } };
    await buffer.accept(handover(2, 0), fakeRoute("a"), NEVER);
    await buffer.accept(handover(2, 10), shared, NEVER);
    await buffer.accept(handover(1, 2), fakeRoute("a"), NEVER);
    assert.deepEqual((await read(buffer, 3)).map((row) => row.seq), [1, 2, 5]);
    assert.deepEqual((await read(buffer, 2, shared.lane.id)).map((row) => row.seq), [3, 4]);
    assert.deepEqual(buffer.lanes(), [lane, shared.lane.id]);
    await buffer.ack(lane, 5);
    assert.equal(buffer.level().queued, 2);
    assert.deepEqual(buffer.lanes(), [shared.lane.id]);
  });

  test("makes a row that the sink refuses a dead letter, and goes on with the others", async (buffer) => {
    const receipt = await buffer.accept(handover(4), fakeRoute(), NEVER);
    const rows = await read(buffer, 4);
    const poison = rows[1];
    assert.ok(poison);
    await buffer.reject(poison, new RejectedError("schema_validation_failed", "value does not fit INT"));
    assert.deepEqual(numbersOf(await read(buffer, 3)), [0, 2, 3]);
    await buffer.ack(lane, 4);
    await receipt.durable;
    const { written, dead_lettered, queued } = buffer.ledger().total;
    assert.deepEqual({ written, dead_lettered, queued }, { written: 3, dead_lettered: 1, queued: 0 });
    assert.deepEqual(buffer.deadLetters(9).map((each) => [each.tag, each.table, each.code, each.reason]), [
      ["t", "main.bronze.t", "schema_validation_failed", "value does not fit INT"],
    ]);
  });

  test("counts a row once, however often the sink refuses it", async (buffer) => {
    await buffer.accept(handover(1), fakeRoute(), NEVER);
    const [row] = await read(buffer, 1);
    assert.ok(row);
    await buffer.reject(row, new RejectedError("refused", "no"));
    await buffer.reject(row, new RejectedError("refused", "no"));
    assert.equal(buffer.ledger().total.dead_lettered, 1);
  });

  test("keeps an undecodable message as a dead letter and counts it as received", async (buffer) => {
    const payload = Uint8Array.of(1, 2, 3);
    const reason = new DecodeError("not_json", "not JSON");
    const receipt = await buffer.accept(
      { readings: [], refusals: [{ tag: "x", eventTimeUs: 0, payload, reason }], isWithheld: true },
      fakeRoute("mqtt"),
      NEVER,
    );
    await receipt.durable;
    const { received, dead_lettered } = buffer.ledger().total;
    assert.deepEqual({ received, dead_lettered }, { received: 1, dead_lettered: 1 });
    assert.deepEqual(buffer.deadLetters(1)[0]?.content, { payload });
  });

  test("drained() resolves once the last row is acknowledged", async (buffer) => {
    await buffer.accept(handover(2), fakeRoute(), NEVER);
    const drained = buffer.drained(NEVER).then(() => true);
    await buffer.ack(lane, 1);
    assert.equal(await Promise.race([drained, Promise.resolve(false)]), false);
    await buffer.ack(lane, 2);
    assert.equal(await drained, true);
  });

  test("loses and invents nothing, whatever the order of accepts, reads, acks and refusals", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation(), { maxLength: 40 }), async (operations) => {
        await using buffer = await open();
        await compareWithModel(buffer, operations);
      }),
      { numRuns: 100 },
    );
  });

  test("promises durability only once nothing of the handover is queued", async (buffer) => {
    const first = await buffer.accept(handover(2, 0, { isWithheld: true }), fakeRoute(), NEVER);
    await buffer.accept(handover(1, 2), fakeRoute(), NEVER);
    if (buffer.level().spooledBytes === 0) assert.equal(await isDurable(first), false);
    await buffer.ack(lane, 3);
    await first.durable;
  });
}

type Operation =
  | { readonly do: "accept"; readonly count: number }
  | { readonly do: "ack"; readonly part: number }
  | { readonly do: "reject"; readonly part: number }
  | { readonly do: "reread" };

function operation(): fc.Arbitrary<Operation> {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  return fc.oneof(
    fc.record({ do: fc.constant("accept" as const), count: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ do: fc.constant("ack" as const), part }),
    fc.record({ do: fc.constant("reject" as const), part }),
    fc.record({ do: fc.constant("reread" as const) }),
  );
}

/** The model is an array of the sequence numbers that wait. */
async function compareWithModel(buffer: Buffer, operations: readonly Operation[]): Promise<void> {
  let waiting: number[] = [];
  let nextSeq = 1;
  let refused = 0;
  for (const each of operations) {
    const rows = waiting.length > 0 ? await read(buffer, waiting.length) : [];
    assert.deepEqual(rows.map((row) => row.seq), waiting);
    const at = "part" in each ? Math.floor(each.part * (waiting.length - 1)) : 0;
    const row = rows[at];
    if (each.do === "accept") {
      await buffer.accept(handover(each.count), fakeRoute(), NEVER);
      for (let i = 0; i < each.count; i++) waiting.push(nextSeq++);
    } else if (each.do === "ack" && row) {
      await buffer.ack(lane, row.seq);
      waiting = waiting.slice(at + 1);
    } else if (each.do === "reject" && row) {
      await buffer.reject(row, new RejectedError("refused", "no"));
      waiting.splice(at, 1);
      refused++;
    }
    const { received, dead_lettered } = buffer.ledger().total;
    assert.deepEqual({ received, dead_lettered }, { received: nextSeq - 1, dead_lettered: refused });
    assert.equal(buffer.level().queued, waiting.length);
    assertBalanced(buffer);
  }
}
