/** What is left of a damaged spool, to the row. Each spool holds 60 chunks of 100 rows unless the test says otherwise. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import {
  fillChunks,
  filledHome,
  filledRoute,
  overwrite,
  overwritePages,
  PAGE,
  pagesOfChunks,
  readRows,
  rowsOf,
  tamper,
} from "../../../tests/fakes/spool_damage.ts";
import { DecodeError, RejectedError } from "../../core/error.ts";
import { systemClock } from "../../lib/clock.ts";
import { difference } from "../ledger.ts";
import { decodeKey } from "./salvage_keys.ts";
import { PageFile } from "./salvage_pages.ts";
import { rowsIn } from "./salvage_rows.ts";
import { SpoolAdmin } from "./spool_admin.ts";
import type { SpoolBuffer } from "./spool_buffer.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;
const CHUNKS = 60;
const ALL = new Set(Array(CHUNKS).keys());

function fileOf(home: SpoolHome): string {
  return `${home.directory}/spool.db`;
}

function assertBalanced(buffer: SpoolBuffer): void {
  const { sources, balanced } = buffer.ledger();
  for (const terms of Object.values(sources)) assert.equal(difference(terms), 0, JSON.stringify(terms));
  assert.ok(balanced);
}

/** The page that holds the record or value with this key itself. */
function pageOf(path: string, key: string): number {
  using file = new PageFile(path);
  for (let page = 1; page <= file.count; page++) {
    if (rowsIn(file, page).some((row) => decodeKey(row.key)?.join("/") === key)) return page;
  }
  throw new Error(`no page holds ${key}`);
}

/** The chunks that lie in none of these pages. */
function chunksOutside(path: string, isSpoilt: (page: number) => boolean): Set<number> {
  const pages = pagesOfChunks(path);
  assert.equal(pages.length, CHUNKS);
  return new Set([...pages.keys()].filter((chunk) => ![...pages[chunk] ?? []].some(isSpoilt)));
}

/** Has the file taken for damaged, which its records do not show. */
function spoilHeader(path: string): void {
  overwrite(path, 0, 100);
}

interface Damage {
  readonly name: string;
  /** Spoils the file, and says which chunks are left. */
  readonly damage: (path: string) => ReadonlySet<number>;
}

const DAMAGES: readonly Damage[] = [
  {
    name: "garbage in its header",
    damage: (path) => {
      spoilHeader(path);
      return ALL;
    },
  },
  {
    name: "garbage for its first page",
    damage: (path) => {
      overwritePages(path, 1);
      return ALL;
    },
  },
  {
    name: "garbage for the page that leads to all others",
    damage: (path) => {
      const root = pageOf(path, "chunk/0/2401");
      const left = chunksOutside(path, (page) => page === root);
      overwritePages(path, root);
      assert.deepEqual([...ALL.difference(left)], [24, 44]);
      return left;
    },
  },
  {
    name: "garbage for a page of records of chunks",
    damage: (path) => {
      overwritePages(path, pageOf(path, "info/0/1201"));
      return ALL;
    },
  },
  {
    name: "its end cut off, with the records of half the chunks",
    damage: (path) => {
      const last = pageOf(path, "info/0/2501") - 1;
      const left = chunksOutside(path, (page) => page > last);
      Deno.truncateSync(path, last * PAGE);
      assert.ok(left.size > 55 && left.size < 60);
      return left;
    },
  },
  {
    name: "a hundred pages of garbage in its middle, and a damaged header",
    damage: (path) => {
      const left = chunksOutside(path, (page) => page >= 200 && page < 300);
      overwritePages(path, 200, 100);
      spoilHeader(path);
      assert.ok(left.size > 30 && left.size < 50);
      return left;
    },
  },
  {
    name: "a flipped byte in one chunk, and a damaged header",
    damage: (path) => {
      tamper(path, "chunk", (value, index) => {
        if (index === 17) value[300] = (value[300] ?? 0) ^ 1;
      });
      spoilHeader(path);
      return ALL.difference(new Set([17]));
    },
  },
  {
    name: "garbage for the page that says which pages are in use, and a damaged header",
    damage: (path) => {
      overwritePages(path, 1, 2);
      return ALL;
    },
  },
];

for (const { name, damage } of DAMAGES) {
  Deno.test(`SpoolBuffer whose file has ${name} reads back every other row, in order, and counts the rest`, async () => {
    await using home = new SpoolHome();
    await filledHome(home, CHUNKS);
    const left = damage(fileOf(home));
    const evidence = Deno.readFileSync(fileOf(home));
    const rows = rowsOf([...left].sort((a, b) => a - b));
    const lost = CHUNKS * 100 - rows.length;
    {
      await using buffer = await home.open();
      const [replaced] = home.eventsOf("spool_replaced");
      assert.ok(replaced);
      const kept = Deno.readFileSync(replaced.kept); // SQLite counts in its first page how often it was opened
      assert.ok(Buffer.compare(kept.subarray(PAGE), evidence.subarray(PAGE)) === 0, "the damaged file was changed");
      assert.deepEqual(home.eventsOf("spool_salvaged"), [{
        kind: "spool_salvaged",
        rows: rows.length,
        letters: 0,
        lost,
      }]);
      const { received, spooled, quarantined } = buffer.ledger().total;
      assert.deepEqual([received, spooled, quarantined], [CHUNKS * 100, rows.length, lost]);
      assertBalanced(buffer);
      await (await buffer.accept(handover(1, 9999), filledRoute, NEVER)).durable;
      const found = await readRows(buffer, rows.length + 1);
      assert.deepEqual(numbersOf(found), [...rows, 9999]);
      assert.deepEqual(found.map(({ seq }) => seq), [...rows.map((number) => number + 1), CHUNKS * 100 + 1]);
      assert.deepEqual(new Set(found.map(({ bootEpoch }) => bootEpoch)), new Set([100, 101]));
      await buffer.ack(lane, CHUNKS * 100 + 1);
    }
    await using again = await home.open();
    assert.equal(again.ledger().total.written, rows.length + 1);
    assertBalanced(again);
    assert.equal(home.eventsOf("spool_replaced").length, 1);
  });
}

/** A spool as a kill leaves it, with a log that no checkpoint took in. */
async function killed(from: SpoolHome): Promise<SpoolHome> {
  const home = new SpoolHome();
  await using buffer = await from.open({ isCompressed: false });
  await fillChunks(buffer, 10);
  Deno.mkdirSync(home.directory);
  Deno.mkdirSync(`${home.path}/certs`);
  Deno.copyFileSync(from.keyPath, home.keyPath);
  for (const name of ["spool.db", "spool.db-wal"]) {
    Deno.copyFileSync(`${from.directory}/${name}`, `${home.directory}/${name}`);
  }
  return home;
}

Deno.test("SpoolBuffer that was killed takes its whole log for good, and replaces nothing", async () => {
  await using from = new SpoolHome();
  await using home = await killed(from);
  await using buffer = await home.open();
  assert.equal(buffer.ledger().total.spooled, 1000);
  assert.deepEqual(home.eventsOf("spool_replaced"), []);
});

Deno.test("SpoolBuffer whose log has a damaged header reads back what was committed there", async () => {
  await using from = new SpoolHome();
  await using home = await killed(from);
  overwrite(`${fileOf(home)}-wal`, 0, 32);
  await using buffer = await home.open();
  assert.match(home.eventsOf("spool_replaced")[0]?.reason ?? "", /write-ahead log is damaged/);
  const [salvaged] = home.eventsOf("spool_salvaged");
  assert.deepEqual(salvaged, { kind: "spool_salvaged", rows: 1000, letters: 0, lost: 0 });
  assert.deepEqual(numbersOf(await readRows(buffer, 1000)), rowsOf(Array(10).keys()));
});

Deno.test("SpoolBuffer whose log has a damaged page in its middle reads back the commits behind it too", async () => {
  await using from = new SpoolHome();
  await using home = await killed(from);
  const wal = Deno.readFileSync(`${fileOf(home)}-wal`);
  const frames = (wal.length - 32) / (PAGE + 24);
  overwrite(`${fileOf(home)}-wal`, 32 + Math.floor(frames / 2) * (PAGE + 24) + 24 + 2000, 8);
  await using buffer = await home.open();
  const [salvaged] = home.eventsOf("spool_salvaged");
  assert.deepEqual(salvaged, { kind: "spool_salvaged", rows: 900, letters: 0, lost: 100 });
  const numbers = numbersOf(await readRows(buffer, 900));
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
  assert.equal(numbers.at(-1), 999);
  assertBalanced(buffer);
});

Deno.test("SpoolBuffer that is damaged and whose key is another does not start, and changes nothing", async () => {
  await using from = new SpoolHome();
  await using home = await killed(from);
  overwrite(`${fileOf(home)}-wal`, 0, 32);
  const key = Deno.readFileSync(home.keyPath);
  Deno.writeFileSync(home.keyPath, key.map((byte) => byte ^ 1));
  const files = () =>
    [...Deno.readDirSync(home.directory)].map(({ name }) => name).filter((name) => name !== "lock").sort();
  await assert.rejects(home.open(), { name: "ConfigError", code: "spool_key_wrong" });
  assert.deepEqual(files(), ["spool.db", "spool.db-wal"]);
  Deno.writeFileSync(home.keyPath, key);
  await using buffer = await home.open();
  assert.equal(buffer.ledger().total.spooled, 1000);
});

Deno.test("SpoolAdmin does not open a spool whose log is damaged: that would cut the log off", async () => {
  await using from = new SpoolHome();
  await using home = await killed(from);
  overwrite(`${fileOf(home)}-wal`, 0, 32);
  await assert.rejects(SpoolAdmin.open(home, systemClock), {
    code: "spool_unreadable",
    message: /write-ahead log is damaged/,
  });
  await using buffer = await home.open();
  assert.equal(buffer.ledger().total.spooled, 1000);
});

Deno.test("SpoolBuffer whose list of names does not open begins anew, says so and keeps the file", async () => {
  await using home = new SpoolHome();
  await filledHome(home, 3);
  tamper(fileOf(home), "names", (value) => value.fill(1));
  await using buffer = await home.open();
  assert.match(home.eventsOf("spool_salvage_failed")[0]?.reason ?? "", /the list of names/);
  assert.ok(Deno.statSync(home.eventsOf("spool_replaced")[0]?.kept ?? "").isFile);
  const { received, spooled } = buffer.ledger().total;
  assert.deepEqual([received, spooled], [0, 0]);
  await (await buffer.accept(handover(1, 7), fakeRoute(), NEVER)).durable;
  assert.deepEqual(numbersOf(await readRows(buffer, 1)), [7]);
});

Deno.test("SpoolBuffer that is damaged twice still has every row and letter, and gives no number twice", async () => {
  await using home = new SpoolHome();
  await filledHome(home, 3);
  for (let i = 0; i < 2; i++) {
    spoilHeader(fileOf(home));
    await using buffer = await home.open({ isCompressed: false });
    await fillChunks(buffer, 1, 300 + 100 * i);
  }
  assert.deepEqual(home.eventsOf("spool_salvaged").map(({ rows, lost }) => [rows, lost]), [[300, 0], [400, 0]]);
  await using buffer = await home.open();
  const rows = await readRows(buffer, 500);
  assert.deepEqual(numbersOf(rows), rowsOf(Array(5).keys()));
  assert.deepEqual(rows.map(({ seq }) => seq), rowsOf(Array(5).keys()).map((number) => number + 1));
  assertBalanced(buffer);
});

Deno.test("SpoolBuffer sends nothing again from a damaged file that was acknowledged or became a dead letter", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open({ isCompressed: false });
    await fillChunks(buffer, 3);
    const rows = await readRows(buffer, 300);
    await buffer.ack(lane, 150);
    const [refused] = rows.slice(170);
    assert.ok(refused);
    await buffer.reject(refused, new RejectedError("too_large", "too large for its column"));
    const reason = new DecodeError("not_json", "it is no JSON");
    await buffer.accept({
      readings: [],
      isWithheld: false,
      refusals: [{ tag: "t", eventTimeUs: 1, payload: new Uint8Array(9), reason }],
    }, {
      ...fakeRoute("oven"),
    }, NEVER);
  }
  spoilHeader(fileOf(home));
  await using buffer = await home.open();
  assert.deepEqual(home.eventsOf("spool_salvaged"), [{ kind: "spool_salvaged", rows: 149, letters: 2, lost: 0 }]);
  const expected = rowsOf([1, 2]).filter((number) => number >= 150 && number !== 170);
  assert.deepEqual(numbersOf(await readRows(buffer, 149)), expected);
  assert.deepEqual(buffer.deadLetters(9).map(({ code, source }) => [code, source]), [["not_json", "oven"], [
    "too_large",
    "press",
  ]]);
  const { total } = buffer.ledger();
  assert.deepEqual([total.received, total.written, total.spooled, total.dead_lettered], [301, 150, 149, 2]);
  assertBalanced(buffer);
});

Deno.test("SpoolBuffer whose counters are damaged too counts what it reads back as received", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open({ isCompressed: false });
    await fillChunks(buffer, 3);
    await readRows(buffer, 300);
    await buffer.ack(lane, 100);
  }
  for (const record of ["ledger", "head", "seq", "meta"]) {
    tamper(fileOf(home), record, (value) => value.set([1, 2, 3].slice(0, value.length)));
  }
  await using buffer = await home.open();
  const { received, spooled, written } = buffer.ledger().total;
  assert.deepEqual([received, spooled, written], [200, 200, 0]);
  await (await buffer.accept(handover(1, 300), filledRoute, NEVER)).durable;
  const rows = await readRows(buffer, 201);
  assert.deepEqual(numbersOf(rows), [...rowsOf([1, 2]), 300]);
  assert.equal(rows.at(-1)?.seq, 301);
  assertBalanced(buffer);
});

Deno.test("SpoolBuffer tells which numbers will not arrive: those that it knew of, and those of the rows it could not read back", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open({ isCompressed: false });
    await fillChunks(buffer, 9);
    await readRows(buffer, 100);
    await buffer.ack(lane, 100);
  }
  const spoil = (...chunks: number[]) =>
    tamper(fileOf(home), "chunk", (value, index) => {
      if (chunks.includes(index)) value[300] = (value[300] ?? 0) ^ 1;
    });
  spoil(2);
  {
    await using buffer = await home.open();
    await readRows(buffer, 300);
  }
  spoil(0, 4, 5); // what is acknowledged, and what was quarantined, is not among the chunks any more
  spoilHeader(fileOf(home));
  await using buffer = await home.open();
  const ranges = await Array.fromAsync(buffer.tools.missing());
  const shown = ranges.map(({ firstSeq, lastSeq, reason }) => `${firstSeq} to ${lastSeq}: ${reason}`);
  assert.deepEqual(shown, ["101 to 200: quarantined", "301 to 400: quarantined", "601 to 800: quarantined"]);
});

Deno.test("SpoolBuffer takes nothing from pages that are free: what was deleted stays deleted", async () => {
  await using home = new SpoolHome();
  {
    await using buffer = await home.open({ isCompressed: false });
    await fillChunks(buffer, CHUNKS);
    await readRows(buffer, CHUNKS * 100);
    await buffer.ack(lane, 4000);
  }
  assert.equal(pagesOfChunks(fileOf(home)).length, 20);
  tamper(fileOf(home), "head", (value) => value.fill(1));
  spoilHeader(fileOf(home));
  await using buffer = await home.open();
  assert.deepEqual(home.eventsOf("spool_salvaged"), [{ kind: "spool_salvaged", rows: 2000, letters: 0, lost: 0 }]);
  assert.deepEqual(numbersOf(await readRows(buffer, 2000)), rowsOf(Array.from({ length: 20 }, (_, i) => 40 + i)));
});

Deno.test("SpoolBuffer reads a row back that is longer than the store's values", async () => {
  await using home = new SpoolHome();
  const long = { ...fakeRoute(), encode: () => new TextEncoder().encode("t:7".padEnd(2_000_000)) };
  {
    await using buffer = await home.open({ isCompressed: false });
    await (await buffer.accept(handover(1), long, NEVER)).durable;
  }
  spoilHeader(fileOf(home));
  await using buffer = await home.open();
  const [row] = await readRows(buffer, 1);
  assert.equal(row?.bytes.length, 2_000_000);
  assertBalanced(buffer);
});

Deno.test("SpoolBuffer makes its copy again when a kill left an unfinished one", async () => {
  await using home = new SpoolHome();
  await filledHome(home, 3);
  spoilHeader(fileOf(home));
  Deno.writeFileSync(`${fileOf(home)}.new`, new Uint8Array(5000).fill(0x5a));
  Deno.writeFileSync(`${fileOf(home)}.new-wal`, new Uint8Array(5000).fill(0x5a));
  await using buffer = await home.open();
  assert.equal(buffer.ledger().total.spooled, 300);
  const names = [...Deno.readDirSync(home.directory)].map(({ name }) => name);
  assert.deepEqual(names.filter((name) => name.includes(".new")), []);
});

for (const isAside of [true, false]) {
  const moment = isAside ? "after" : "before";
  Deno.test(`SpoolBuffer puts a whole copy in its place that a kill left ${moment} the damaged file was put aside`, async () => {
    await using home = new SpoolHome();
    await filledHome(home, 3);
    Deno.copyFileSync(fileOf(home), `${fileOf(home)}.salvaged`);
    Deno.writeFileSync(`${fileOf(home)}-wal`, new Uint8Array(5000).fill(0x5a));
    if (isAside) Deno.removeSync(fileOf(home));
    else overwritePages(fileOf(home), 1);
    await using buffer = await home.open();
    assert.deepEqual(numbersOf(await readRows(buffer, 300)), rowsOf([0, 1, 2]));
    assert.equal(home.eventsOf("spool_replaced").length, 1);
    assertBalanced(buffer);
  });
}
