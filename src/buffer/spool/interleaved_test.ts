/** What a person does with the spool while rows come, leave, and wait in memory. */
import assert from "node:assert/strict";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { eventually } from "../../../tests/wait.ts";
import { DecodeError, RejectedError } from "../../core/error.ts";
import { copyOf, type Row } from "../../core/reading.ts";
import type { Handover } from "../buffer.ts";
import { difference } from "../ledger.ts";
import type { SpoolBuffer } from "./spool_buffer.ts";

const NEVER = new AbortController().signal;
const { id: lane } = fakeRoute().lane;
const LAZILY = { spillThreshold: 0.8, maxUnsent: 1000 };
const WHY = new RejectedError("out_of_range", "too large for the column");

/** Reads for as long as it is not disposed. */
class Reader implements AsyncDisposable {
  readonly rows: Row[] = [];
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;

  constructor(buffer: SpoolBuffer, of = lane) {
    this.#reading = this.#read(buffer, of);
  }

  async has(count: number): Promise<void> {
    await eventually(`${count} rows`, () => this.rows.length >= count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }

  async #read(buffer: SpoolBuffer, of: string): Promise<void> {
    for await (const some of buffer.next(of, this.#stop.signal)) for (const row of some) this.rows.push(copyOf(row));
  }
}

function assertBalanced(buffer: SpoolBuffer): void {
  const { total, balanced } = buffer.ledger();
  assert.equal(difference(total), 0, JSON.stringify(total));
  assert.ok(balanced);
}

const accept = (buffer: SpoolBuffer, count: number, from = 0, isWithheld = true) =>
  buffer.accept(handover(count, from, { isWithheld }), fakeRoute(), NEVER);
const durable = async (buffer: SpoolBuffer, count: number, from = 0) =>
  await (await accept(buffer, count, from)).durable;
const last = (rows: readonly Row[]) => rows.at(-1)?.seq ?? 0;

/** `count` messages of so many bytes that cannot be decoded. */
function refused(count: number, bytes: number): Handover {
  const refusal = {
    tag: "t",
    eventTimeUs: 1,
    payload: new Uint8Array(bytes),
    reason: new DecodeError("no_json", "no"),
  };
  return { readings: [], refusals: Array.from({ length: count }, () => refusal), isWithheld: true };
}

async function bury(buffer: SpoolBuffer, count: number, bytes: number): Promise<void> {
  await (await buffer.accept(refused(count, bytes), fakeRoute(), NEVER)).durable;
}

async function missing(buffer: SpoolBuffer): Promise<string[]> {
  const ranges = await Array.fromAsync(buffer.tools.missing());
  return ranges.map(({ firstSeq, lastSeq, reason }) => `${firstSeq}-${lastSeq} ${reason}`).sort();
}

async function exportAll(buffer: SpoolBuffer, path: string): Promise<void> {
  await Array.fromAsync(buffer.tools.export(path, {}, NEVER));
}

/** Accepts ten rows, of which the first is refused and the others are written. Its letter's id. */
async function withLetter(buffer: SpoolBuffer, reader: Reader): Promise<number> {
  await accept(buffer, 10);
  await reader.has(10);
  await buffer.reject(reader.rows[0]!, WHY);
  await buffer.ack(lane, last(reader.rows));
  return (await eventually("a letter", async () => (await Array.fromAsync(buffer.tools.letters()))[0])).id;
}

Deno.test("A replayed letter is not overtaken by rows that would stay in memory", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open(LAZILY);
  await using reader = new Reader(buffer);
  const id = await withLetter(buffer, reader);
  const replayed = buffer.tools.replay(id);
  await eventually("it is on its way", () => buffer.ledger().total.dead_lettered === 0 || buffer.level().queued > 0);
  await accept(buffer, 5, 10);
  await replayed;
  await reader.has(16);
  assert.deepEqual(numbersOf(reader.rows.slice(10)), [0, 10, 11, 12, 13, 14]);
  await buffer.ack(lane, last(reader.rows));
  assert.equal(buffer.ledger().total.written, 15);
  assertBalanced(buffer);
});

Deno.test("Imported rows are not overtaken by rows that would stay in memory, and none is acknowledged unsent", async () => {
  await using home = new SpoolHome();
  await using other = new SpoolHome();
  const file = `${home.path}/rows`;
  {
    await using from = await other.open();
    await durable(from, 3000);
    await Array.fromAsync(from.tools.export(file, { passphrase: "a long passphrase" }, NEVER));
  }
  await using buffer = await home.open(LAZILY);
  await using reader = new Reader(buffer);
  await accept(buffer, 1, 9000);
  await reader.has(1);
  const imported = Array.fromAsync(buffer.tools.import(file, { passphrase: "a long passphrase" }, NEVER));
  for (let n = 1; n < 50; n++) await accept(buffer, 1, 9000 + n);
  await imported;
  await reader.has(3050);
  const order = reader.rows.map(({ seq }) => seq);
  assert.deepEqual(order, Array.from(order, (_, i) => order[0]! + i));
  await buffer.ack(lane, last(reader.rows));
  assert.equal(buffer.ledger().total.written, 3050);
  assertBalanced(buffer);
});

for (
  const [what, fill] of [
    ["one large dead letter pushes out thousands of small ones", async (home: SpoolHome) => {
      await using buffer = await home.open({ maxDeadLetterBytes: 1e6 });
      await bury(buffer, 3000, 100);
      await bury(buffer, 1, 900_000);
      await durable(buffer, 1);
      await eventually("they are gone", () => buffer.ledger().total.purged > 2500);
      assertBalanced(buffer);
    }],
    ["the limit of dead letters was lowered tenfold", async (home: SpoolHome) => {
      {
        await using buffer = await home.open({ maxDeadLetterBytes: 2e6 });
        await bury(buffer, 2500, 100);
      }
      await using buffer = await home.open({ maxDeadLetterBytes: 2e5 });
      await bury(buffer, 1, 10);
      await durable(buffer, 1);
      await eventually("they are gone", () => buffer.ledger().total.purged > 1500);
      assertBalanced(buffer);
    }],
    ["the limit of the spool was lowered and the oldest rows go", async (home: SpoolHome) => {
      const route = { ...fakeRoute(), encode: () => new Uint8Array(30_000) };
      {
        await using buffer = await home.open({ isCompressed: false });
        for (let i = 0; i < 12; i++) await (await buffer.accept(handover(100), route, NEVER)).durable;
      }
      await using buffer = await home.open({ isCompressed: false, maxBytes: 1e6, dropPolicy: "oldest" });
      await buffer.accept(handover(1), route, NEVER);
      await eventually("it goes on", () => buffer.ledger().total.received === 1201);
      await (await buffer.accept(handover(1), route, NEVER)).durable;
      assert.deepEqual(home.eventsOf("spool_stalled"), []);
      assertBalanced(buffer);
    }],
    ["many large dead letters are purged at once", async (home: SpoolHome) => {
      await using buffer = await home.open({ maxDeadLetterBytes: 1e9 });
      await bury(buffer, 60, 900_000);
      await buffer.tools.purge(await buffer.tools.letterIds());
      await durable(buffer, 1);
      assert.equal(buffer.ledger().total.purged, 60);
      assertBalanced(buffer);
    }],
  ] as const
) {
  Deno.test(`A commit holds no more changes than the store takes, although ${what}`, async () => {
    await using home = new SpoolHome();
    await fill(home);
    assert.deepEqual(home.eventsOf("spool_stalled"), []);
    await using again = await home.open();
    assertBalanced(again);
  });
}

Deno.test("export() takes no row that a reader was given while it began, and leaves its bytes alone", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open();
    await durable(buffer, 3000);
  }
  await using buffer = await home.open({ bootEpoch: 500 });
  const stop = new AbortController();
  const reader = buffer.next(lane, stop.signal)[Symbol.asyncIterator]();
  const first = reader.next(); // its chunk is being read from disk
  await exportAll(buffer, `${home.path}/rows`);
  stop.abort();
  const { value = [] } = await first;
  const { exported, spooled } = buffer.ledger().total;
  assert.equal(exported + spooled, 3000);
  assert.equal(spooled, value.length);
  await durable(buffer, 500, 7000);
  assert.deepEqual(numbersOf(value), Array.from(value, (_, i) => i));
  await reader.return?.();
  assertBalanced(buffer);
});

Deno.test("export() with rows in memory writes them down first; files, counts and level agree after a restart", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open({ ...LAZILY, maxUnsent: 10_000 });
    {
      await using reader = new Reader(buffer);
      await accept(buffer, 6000);
      await reader.has(6000);
    }
    await exportAll(buffer, `${home.path}/rows`);
    const { exported, queued, spooled } = buffer.ledger().total;
    assert.deepEqual({ exported, queued, spooled }, { exported: 6000, queued: 0, spooled: 0 });
    assert.deepEqual([buffer.level().unsent, buffer.level().spooledBytes], [0, 0]);
    await buffer.drained(AbortSignal.timeout(5000));
    assertBalanced(buffer);
  }
  await using again = await home.open(LAZILY);
  assertBalanced(again);
  const { exported, spooled } = again.ledger().total;
  assert.deepEqual({ exported, spooled }, { exported: 6000, spooled: 0 });
  await accept(again, 1, 1);
  await using reader = new Reader(again);
  await reader.has(1);
  assert.equal(reader.rows[0]?.seq, 6001);
});

Deno.test("One of export, import and change of keys runs at a time", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open();
  await durable(buffer, 10);
  const steps = buffer.tools.export(`${home.path}/rows`, {}, NEVER)[Symbol.asyncIterator]();
  await steps.next();
  await assert.rejects(exportAll(buffer, `${home.path}/more`), { code: "busy" });
  await assert.rejects(buffer.tools.rotateKey(), { code: "busy" });
  await steps.return?.();
  await buffer.tools.rotateKey();
});

Deno.test("A letter is either replayed or purged, not both", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open();
  await using reader = new Reader(buffer);
  const id = await withLetter(buffer, reader);
  await Promise.allSettled([buffer.tools.purge([id]), buffer.tools.replay(id), buffer.tools.purge([id])]);
  await durable(buffer, 1);
  assertBalanced(buffer);
  const { purged, dead_lettered, received } = buffer.ledger().total;
  assert.deepEqual([dead_lettered, received], [0, 11]);
  assert.ok(purged <= 1);
});

Deno.test("Sources that wait for the same range of numbers are given no more than there are", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open(LAZILY);
  await using reader = new Reader(buffer);
  await Promise.all([0, 2000, 4000].map((from) => accept(buffer, 2000, from)));
  await reader.has(6000);
  await using copy = new SpoolHome();
  for (const folder of ["spool", "certs"]) {
    await Deno.mkdir(`${copy.path}/${folder}`);
    for (const { name } of Deno.readDirSync(`${home.path}/${folder}`)) {
      await Deno.copyFile(`${home.path}/${folder}/${name}`, `${copy.path}/${folder}/${name}`);
    }
  }
  await using after = await copy.open({ ...LAZILY, bootEpoch: 900 });
  await using rest = new Reader(after);
  await accept(after, 1, 1);
  const fresh = await eventually("a new row", () => rest.rows.find(({ bootEpoch }) => bootEpoch === 900));
  assert.ok(fresh.seq > 6000, `${fresh.seq}`);
});

Deno.test("A stop before the first row has its number counts no loss", async () => {
  await using home = new SpoolHome();
  {
    const buffer = await home.open(LAZILY);
    const accepted = accept(buffer, 1).catch(() => {/* stopped meanwhile */});
    await buffer[Symbol.asyncDispose]();
    await accepted;
  }
  await using again = await home.open(LAZILY);
  assert.equal(again.ledger().total.lost_at_crash, 0);
});

Deno.test("Numbers that do not arrive for two reasons are noted for both", async () => {
  await using home = new SpoolHome();
  await using other = new SpoolHome();
  const file = `${home.path}/rows`;
  {
    await using from = await other.open();
    await durable(from, 100);
    await Array.fromAsync(from.tools.export(file, { passphrase: "a long passphrase" }, NEVER));
  }
  await using buffer = await home.open();
  await Array.fromAsync(buffer.tools.import(file, { passphrase: "a long passphrase" }, NEVER));
  await using reader = new Reader(buffer);
  await reader.has(100);
  await buffer.reject(reader.rows[0]!, WHY);
  const { id } = await eventually("a letter", async () => (await Array.fromAsync(buffer.tools.letters()))[0]);
  await buffer.tools.purge([id]);
  assert.deepEqual(await missing(buffer), ["1-1 purged", "1-100 renumbered"]);
});

Deno.test("The policy oldest lets no row go that is in memory alone: it takes no room on disk", async () => {
  await using home = new SpoolHome();
  const route = { ...fakeRoute("a", "main.bronze.a"), encode: () => crypto.getRandomValues(new Uint8Array(30_000)) };
  await using buffer = await home.open({ ...LAZILY, maxBytes: 3e6, dropPolicy: "oldest" });
  const other = fakeRoute("b", "main.bronze.b");
  await using reader = new Reader(buffer, other.lane.id);
  await buffer.accept(handover(1), other, NEVER);
  await reader.has(1);
  await buffer.accept(handover(50), other, NEVER);
  for (let i = 0; i < 20; i++) await buffer.accept(handover(20), route, NEVER);
  const { sources } = buffer.ledger();
  assert.deepEqual(sources.b?.dropped, {});
  assert.ok((sources.a?.dropped.spool_full_oldest ?? 0) > 0);
  assertBalanced(buffer);
});
