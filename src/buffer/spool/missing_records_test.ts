import assert from "node:assert/strict";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { changeRecords, filledHome } from "../../../tests/fakes/spool_damage.ts";
import { boundMissing, missingIn, readMissing } from "./missing_records.ts";
import { Names } from "./names.ts";
import { Store } from "./store.ts";

const names = new Names(["main.bronze.t", "main.bronze.u"]);

function read(key: Deno.KvKey, value: unknown) {
  return readMissing({ key: ["missing", ...key], value }, names);
}

Deno.test("readMissing() takes the fields that it knows, and calls a reason that it does not know other", () => {
  const sane = { lastSeq: 9, reason: "dropped", timeUs: 1 };
  const range = { table: "main.bronze.t", firstSeq: 3, ...sane };
  assert.deepEqual(read([0, 3], { ...sane, table: "x", firstSeq: "1); drop" }), range);
  assert.deepEqual(read([0, 3], { ...sane, reason: "'; drop table" }), { ...range, reason: "other" });
  assert.deepEqual(read([0, 3], { ...sane, reason: ["dropped"], timeUs: 0.5 }), {
    ...range,
    reason: "other",
    timeUs: 0,
  });
});

const SENSELESS: readonly { name: string; key: Deno.KvKey; value: unknown }[] = [
  { name: "of no table", key: [7, 3], value: { lastSeq: 9 } },
  { name: "whose first number is a text", key: [0, "3"], value: { lastSeq: 9 } },
  { name: "whose first number is no whole one", key: [0, 2.5], value: { lastSeq: 9 } },
  { name: "whose last number is a text", key: [0, 3], value: { lastSeq: "9 or 1 = 1" } },
  { name: "whose last number is too large", key: [0, 3], value: { lastSeq: 2 ** 53 } },
  { name: "that ends before it begins", key: [0, 3], value: { lastSeq: 2 } },
  { name: "that is nothing", key: [0, 3], value: null },
];
for (const { name, key, value } of SENSELESS) {
  Deno.test(`readMissing() passes a record over ${name}`, () => assert.equal(read(key, value), undefined));
}

interface Given {
  readonly table: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

async function storeWith(home: SpoolHome, ranges: readonly Given[]): Promise<Store> {
  const store = await Store.open(`${home.path}/x.db`);
  for (let at = 0; at < ranges.length; at += 900) {
    const entries = ranges.slice(at, at + 900).map(({ table, firstSeq, lastSeq }) => (
      { key: ["missing", table, firstSeq, "dropped"], value: { lastSeq, reason: "dropped", timeUs: firstSeq } }
    ));
    await store.write({ blobs: [], entries, deleted: [] });
  }
  return store;
}

/** Ranges of one number each. Of every three neighbours the first two are near each other. */
function ranges(table: number, count: number): Given[] {
  const firstSeqs = Array.from({ length: count }, (_, i) => 1 + Math.floor(i / 3) * 100 + [0, 2, 50][i % 3]!); // within
  return firstSeqs.map((firstSeq) => ({ table, firstSeq, lastSeq: firstSeq }));
}

Deno.test("boundMissing() makes 10,000 records of more than 20,000, of those first that are nearest, and none covers two tables", async () => {
  await using home = new SpoolHome();
  const given = [...ranges(0, 12_000), ...ranges(1, 9000)];
  using store = await storeWith(home, given);
  await boundMissing(store, await missingIn(store, names));
  const left = await missingIn(store, names);
  assert.equal(left.length, 10_000);
  assert.deepEqual(new Set(left.map(({ reason }) => reason)), new Set(["several", "dropped"]));
  for (const { table, firstSeq, lastSeq } of given) {
    const [cover] = left.filter((each) => each.table === table && each.firstSeq <= firstSeq).slice(-1);
    assert.ok(cover && cover.lastSeq >= lastSeq, `${table}: ${firstSeq}`);
  }
  const largest = Math.max(...left.map(({ firstSeq, lastSeq }) => lastSeq - firstSeq));
  assert.ok(largest >= 50, "more than the nearest had to go together");
});

Deno.test("boundMissing() leaves 20,000 records as they are", async () => {
  await using home = new SpoolHome();
  using store = await storeWith(home, ranges(0, 20_000));
  await boundMissing(store, await missingIn(store, names));
  const left = await missingIn(store, names);
  assert.equal(left.length, 20_000);
  assert.ok(left.every(({ reason }) => reason === "dropped"));
});

Deno.test("SpoolBuffer with very many records of missing numbers has few once it has started, and passes over those that make no sense", async () => {
  await using home = new SpoolHome();
  await filledHome(home, 1);
  const value = { lastSeq: 7, reason: "dropped", timeUs: 1 };
  const many = Array.from({ length: 20_001 }, (_, i) => (
    { key: ["missing", 1, 1000 + 2 * i, "dropped"], value: { ...value, lastSeq: 1000 + 2 * i } }
  ));
  await changeRecords(home.directory, [...many, { key: ["missing", 1, 5], value: { ...value, lastSeq: "x" } }]);
  await using buffer = await home.open();
  assert.deepEqual(home.eventsOf("spool_replaced"), []);
  const found = await Array.fromAsync(buffer.tools.missing());
  assert.equal(found.length, 10_000);
  assert.equal(found[0]?.firstSeq, 1000);
  assert.equal(found.at(-1)?.lastSeq, 41_000);
});
