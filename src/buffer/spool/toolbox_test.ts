/** What a person does with a spool while a connector works with it. */
import assert from "node:assert/strict";
import { fakeRoute, handover, numbered, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { eventually } from "../../../tests/wait.ts";
import { RejectedError } from "../../core/error.ts";
import { copyOf, type Row } from "../../core/reading.ts";
import { difference } from "../ledger.ts";
import type { Progress, Sealing } from "./desk.ts";
import { Sealer } from "./seal.ts";
import { systemClock } from "../../lib/clock.ts";
import { SpoolAdmin } from "./spool_admin.ts";
import type { SpoolBuffer } from "./spool_buffer.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;
const table = fakeRoute().lane.table;
const WHY = new RejectedError("out_of_range", "too large for the column");

async function read(buffer: SpoolBuffer, count: number): Promise<Row[]> {
  const rows: Row[] = [];
  const stop = new AbortController();
  for await (const some of buffer.next(lane, stop.signal)) {
    for (const row of some) rows.push(copyOf(row));
    if (rows.length >= count) stop.abort();
  }
  return rows.slice(0, count);
}

async function accept(buffer: SpoolBuffer, count: number, from = 0): Promise<void> {
  await (await buffer.accept(handover(count, from), fakeRoute(), NEVER)).durable;
}

function assertBalanced(buffer: SpoolBuffer): void {
  const { total, balanced } = buffer.ledger();
  assert.equal(difference(total), 0, JSON.stringify(total));
  assert.ok(balanced);
}

/** Accepts ten rows; the fourth is refused, the others are written. Its letter's id. */
async function withLetter(buffer: SpoolBuffer): Promise<number> {
  await accept(buffer, 10);
  const rows = await read(buffer, 10);
  await buffer.reject(rows[3]!, WHY);
  await buffer.ack(lane, 10);
  const { id } = await storedLetter(buffer);
  return id;
}

async function storedLetter(buffer: SpoolBuffer) {
  return await eventually("a letter is stored", async () => (await Array.fromAsync(buffer.tools.letters()))[0]);
}

async function missing(buffer: SpoolBuffer): Promise<string[]> {
  const ranges = await Array.fromAsync(buffer.tools.missing());
  return ranges.map(({ table, firstSeq, lastSeq, reason }) => `${table} ${firstSeq}-${lastSeq} ${reason}`);
}

async function all(steps: AsyncIterable<Progress>): Promise<Progress | undefined> {
  return (await Array.fromAsync(steps)).at(-1);
}

const exported = (buffer: SpoolBuffer, path: string, sealing: Sealing = {}) =>
  all(buffer.tools.export(path, sealing, NEVER));
const imported = (buffer: SpoolBuffer, path: string, sealing: Sealing = {}) =>
  all(buffer.tools.import(path, sealing, NEVER));

Deno.test("replay() sends a refused row again with its identity, behind what waits, and the letter is gone", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open();
  const id = await withLetter(buffer);
  await accept(buffer, 2, 10);
  assert.deepEqual(await missing(buffer), [`${table} 4-4 dead_letter`]);
  assert.equal(await buffer.tools.replay(id), 1);
  assertBalanced(buffer);
  const { dead_lettered, spooled, received } = buffer.ledger().total;
  assert.deepEqual({ dead_lettered, spooled, received }, { dead_lettered: 0, spooled: 3, received: 12 });
  const rows = await read(buffer, 3);
  assert.deepEqual(numbersOf(rows), [10, 11, 3]);
  assert.deepEqual([rows[2]?.edgeId, rows[2]?.bootEpoch], ["edge", 100]);
  assert.deepEqual(buffer.deadLetters(10), []);
  assert.deepEqual(await missing(buffer), [`${table} 4-4 replayed`, `${table} 13-13 renumbered`]);
  await buffer.ack(lane, 13);
  assert.equal(buffer.ledger().total.written, 12);
  assertBalanced(buffer);
});

Deno.test("replay() moves the letter and its row in one commit: after a restart there is the row alone", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open();
    await buffer.tools.replay(await withLetter(buffer));
  }
  await using buffer = await home.open();
  assertBalanced(buffer);
  const { dead_lettered, spooled, written, received } = buffer.ledger().total;
  assert.deepEqual({ dead_lettered, spooled, written, received }, {
    dead_lettered: 0,
    spooled: 1,
    written: 9,
    received: 10,
  });
  assert.deepEqual(numbersOf(await read(buffer, 1)), [3]);
});

Deno.test("replay() with readings that take its place numbers them anew, and counts those that are more", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open();
    const id = await withLetter(buffer);
    assert.equal(await buffer.tools.replay(id, { route: fakeRoute("other"), readings: numbered(3, 70) }), 3);
    assertBalanced(buffer);
    assert.equal(buffer.ledger().total.received, 12);
    assert.deepEqual(await missing(buffer), [`${table} 4-4 replaced`]);
  }
  await using buffer = await home.open();
  assertBalanced(buffer);
  const rows = await read(buffer, 3);
  assert.deepEqual(numbersOf(rows), [70, 71, 72]);
  assert.deepEqual(rows.map(({ seq, source }) => [seq, source]), [[11, "press"], [12, "press"], [13, "press"]]);
});

Deno.test("replay() refuses what cannot become rows, and the letter stays", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open();
  const id = await withLetter(buffer);
  await assert.rejects(buffer.tools.replay(id + 1), { code: "no_dead_letter" });
  const broken = { ...fakeRoute(), encode: () => assert.fail("this does not fit") };
  await assert.rejects(
    buffer.tools.replay(id, { route: broken, readings: numbered(1) }),
    /Dead letter 1 cannot be replayed: .*this does not fit/,
  );
  const outcomes = await Promise.allSettled([buffer.tools.replay(id), buffer.tools.replay(id)]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.equal(buffer.ledger().total.spooled, 1);
  assertBalanced(buffer);
});

Deno.test("purge() counts letters, says that their rows will not arrive, and gives no id again after a restart", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open();
    const id = await withLetter(buffer);
    assert.equal(await buffer.tools.purge([id, id + 5]), 1);
    assertBalanced(buffer);
  }
  await using buffer = await home.open();
  assert.deepEqual([buffer.ledger().total.purged, buffer.ledger().total.dead_lettered], [1, 0]);
  assertBalanced(buffer);
  assert.deepEqual(await missing(buffer), [`${table} 4-4 purged`]);
  await accept(buffer, 1, 50);
  await buffer.reject((await read(buffer, 1))[0]!, WHY);
  assert.equal((await storedLetter(buffer)).id, 2);
});

Deno.test("A purge while no connector runs says that the row will not arrive, too", async () => {
  await using home = new SpoolHome();
  const id = await (async () => {
    await using buffer = await home.open();
    return await withLetter(buffer);
  })();
  {
    using admin = await SpoolAdmin.open(home, systemClock);
    assert.equal(await admin.purge([id]), 1);
  }
  await using buffer = await home.open();
  assert.deepEqual(await missing(buffer), [`${table} 4-4 purged`]);
  assertBalanced(buffer);
});

Deno.test("export() carries the rows that wait into a file, and import() takes them in with their identities", async () => {
  await using home = new SpoolHome();
  await using other = new SpoolHome();
  const file = `${home.path}/rows`;
  {
    await using buffer = await home.open();
    await accept(buffer, 3000);
    await buffer.ack(lane, 100);
    await buffer.reject((await read(buffer, 1))[0]!, WHY);
    assert.deepEqual(await exported(buffer, file), { done: 2899, of: 2899 });
    assertBalanced(buffer);
    const { spooled, written, dead_lettered, exported: out } = buffer.ledger().total;
    assert.deepEqual({ spooled, written, dead_lettered, out }, {
      spooled: 0,
      written: 100,
      dead_lettered: 1,
      out: 2899,
    });
    assert.ok((await missing(buffer)).includes(`${table} 101-3000 exported`));
  }
  assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
  assert.ok(!new TextDecoder("latin1").decode(await Deno.readFile(file)).includes("press"));
  await Deno.mkdir(`${other.path}/certs`);
  await Deno.copyFile(home.keyPath, other.keyPath);
  await using buffer = await other.open({ edgeId: "another", bootEpoch: 7 });
  await accept(buffer, 2, 9000);
  assert.equal((await imported(buffer, file))?.done, 2 * (await Deno.stat(file)).size);
  assertBalanced(buffer);
  assert.equal(buffer.ledger().sources.import?.received, 2899);
  const rows = await read(buffer, 2901);
  assert.deepEqual(numbersOf(rows), [9000, 9001, ...Array.from({ length: 2899 }, (_, i) => 101 + i)]);
  assert.ok(rows.slice(2).every(({ edgeId, bootEpoch }) => edgeId === "edge" && bootEpoch === 100));
  assert.deepEqual(await missing(buffer), [`${table} 3-2901 renumbered`]);
  await assert.rejects(imported(buffer, file), { code: "imported_before" });
  await buffer.ack(lane, 2901);
  assertBalanced(buffer);
});

Deno.test("export() with a passphrase is taken in by who knows it alone", async () => {
  await using home = new SpoolHome();
  await using other = new SpoolHome();
  const file = `${home.path}/rows`;
  await using from = await home.open();
  await accept(from, 10);
  await exported(from, file, { passphrase: "Prüfstand 7, Halle 2" });
  await using to = await other.open();
  await assert.rejects(imported(to, file), /it was sealed with a passphrase/);
  await assert.rejects(imported(to, file, { passphrase: "Prüfstand 8, Halle 2" }), /the passphrase is another/);
  assert.equal(to.ledger().total.received, 0);
  await imported(to, file, { passphrase: "Pru\u0308fstand 7, Halle 2" }); // the same text, typed on another machine
  assert.equal(to.ledger().total.spooled, 10);
});

Deno.test("export() leaves rows that are on their way to the sink, and keeps the reader out meanwhile", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open();
  await accept(buffer, 1000);
  const stop = new AbortController();
  const reader = buffer.next(lane, stop.signal)[Symbol.asyncIterator]();
  const first = await reader.next();
  await accept(buffer, 1000, 1000);
  const steps = buffer.tools.export(`${home.path}/rows`, {}, NEVER)[Symbol.asyncIterator]();
  await steps.next();
  const more = reader.next();
  while (!(await steps.next()).done);
  assert.equal(buffer.ledger().total.exported, 1000);
  await accept(buffer, 5, 2000);
  assert.deepEqual(numbersOf((await more).value), [2000, 2001, 2002, 2003, 2004]);
  await buffer.ack(lane, first.value.at(-1).seq);
  await buffer.ack(lane, 2005);
  stop.abort();
  await reader.next();
  assert.equal(buffer.ledger().total.written, 1005);
  assertBalanced(buffer);
});

Deno.test("export() that is given up leaves all rows where they were, and no file", async () => {
  await using home = new SpoolHome();
  await using buffer = await home.open();
  await accept(buffer, 3000);
  const stop = new AbortController();
  const steps = buffer.tools.export(`${home.path}/rows`, {}, stop.signal);
  await assert.rejects(async () => {
    for await (const _ of steps) stop.abort(new Error("enough"));
  }, /enough/);
  await assert.rejects(Deno.stat(`${home.path}/rows`), Deno.errors.NotFound);
  assert.deepEqual(numbersOf(await read(buffer, 3000)), Array.from({ length: 3000 }, (_, i) => i));
  assert.equal(buffer.ledger().total.exported, 0);
});

Deno.test("import() takes in nothing of a file that is not whole, changed, or none of ours", async () => {
  await using home = new SpoolHome();
  const file = `${home.path}/rows`;
  await using buffer = await home.open();
  await accept(buffer, 3000);
  await exported(buffer, file);
  const whole = await Deno.readFile(file);
  const changed = whole.slice();
  changed[whole.length / 2 | 0]! ^= 1;
  const cases: [string, Uint8Array, RegExp][] = [
    ["cut off", whole.subarray(0, whole.length - 1), /not whole|does not open/],
    ["without its last frame", whole.subarray(0, whole.length - 60), /not whole/],
    ["with more behind it", new Uint8Array([...whole, 0]), /not whole/],
    ["changed", changed, /does not open/],
    [
      "with another recipe",
      new TextEncoder().encode(new TextDecoder("latin1").decode(whole.slice(0, 40)) + "\n"),
      /no file/,
    ],
    ["other", new TextEncoder().encode("PK\u0003\u0004"), /no file that `spool export` made/],
    ["empty", new Uint8Array(), /no file that `spool export` made/],
  ];
  for (const [name, bytes, says] of cases) {
    await Deno.writeFile(`${home.path}/bad`, bytes);
    await assert.rejects(imported(buffer, `${home.path}/bad`), says, name);
  }
  await assert.rejects(imported(buffer, `${home.path}/none`), { code: "import_failed" });
  assert.equal(buffer.ledger().sources.import, undefined);
});

Deno.test("rotateKey() seals with a new key; what the old one sealed stays readable until it is gone, and then the old key goes", async () => {
  await using home = new SpoolHome();
  const keys = () => Array.from(Deno.readDirSync(`${home.path}/certs`), ({ name }) => name).sort();
  const before = await (async () => {
    await using buffer = await home.open();
    await accept(buffer, 10);
    await read(buffer, 10); // so that nothing more goes into their chunk
    const before = await Deno.readFile(home.keyPath);
    const id = await buffer.tools.rotateKey();
    assert.match(id, /^[0-9a-f]{8}$/);
    await accept(buffer, 10, 10);
    return before;
  })();
  assert.notDeepEqual(await Deno.readFile(home.keyPath), before);
  assert.equal(keys().length, 2);
  {
    await using buffer = await home.open();
    assert.deepEqual(numbersOf(await read(buffer, 20)), Array.from({ length: 20 }, (_, i) => i));
    await buffer.ack(lane, 15);
    assert.equal(keys().length, 2);
  }
  {
    await using buffer = await home.open();
    assert.deepEqual(numbersOf(await read(buffer, 5)), [15, 16, 17, 18, 19]);
  }
  assert.deepEqual(keys(), ["spool_encryption.key"]);
});

Deno.test("A change of keys that a kill interrupts is finished or forgotten at the next start, whatever it had come to", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open();
    await accept(buffer, 10);
    await read(buffer, 10);
  }
  const first = await Deno.readFile(home.keyPath);
  await Deno.writeFile(`${home.keyPath}.01234567`, crypto.getRandomValues(new Uint8Array(32))); // nothing was sealed with it
  let second: Uint8Array;
  {
    await using buffer = await home.open();
    assert.deepEqual(await Deno.readFile(home.keyPath), first);
    await buffer.tools.rotateKey();
    second = await Deno.readFile(home.keyPath);
    await accept(buffer, 10, 10);
  }
  const [former] = Array.from(Deno.readDirSync(`${home.path}/certs`), ({ name }) => name).filter((name) =>
    /\.key\./.test(name)
  );
  const oldPath = `${home.path}/certs/${former}`;
  await Deno.rename(home.keyPath, `${home.path}/moved`);
  const { keyId } = await Sealer.open(new Uint8Array(second), { isCompressed: false });
  await Deno.rename(`${home.path}/moved`, `${home.keyPath}.${keyId}`); // between the two renames
  {
    await using buffer = await home.open();
    assert.deepEqual(numbersOf(await read(buffer, 20)), Array.from({ length: 20 }, (_, i) => i));
  }
  assert.deepEqual(await Deno.readFile(home.keyPath), second);
  await Deno.rename(home.keyPath, `${home.keyPath}.${keyId}`);
  await Deno.rename(oldPath, home.keyPath); // before the first rename
  {
    await using buffer = await home.open();
    assert.equal(buffer.ledger().total.spooled, 20);
  }
  assert.deepEqual(await Deno.readFile(home.keyPath), second);
});
