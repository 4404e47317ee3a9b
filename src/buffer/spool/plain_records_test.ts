/** What a start makes of plain records that somebody, or a failing disk, has changed. The spool: 300 rows, one of them a letter. */
import assert from "node:assert/strict";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { changeRecords, fillChunks, filledRoute, readRows, rowsOf } from "../../../tests/fakes/spool_damage.ts";
import { RejectedError } from "../../core/error.ts";
import { difference } from "../ledger.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;
const REFUSED = 150;
/** Numbers of the names: see `filled`. */
const [LANE, TABLE, SOURCE] = [0, 1, 2] as const;
const NO_NAME = 99;

async function filled(home: SpoolHome): Promise<void> {
  await using buffer = await home.open({ isCompressed: false });
  await fillChunks(buffer, 3);
  const refused = (await readRows(buffer, 300))[REFUSED];
  assert.ok(refused);
  await buffer.reject(refused, new RejectedError("refused", "no such column"));
}

interface Changed {
  readonly name: string;
  readonly key: Deno.KvKey;
  readonly value: unknown;
}

const info = (change: object): Pick<Changed, "key" | "value"> => ({ key: ["info", LANE, 1], value: change });
const letter = (change: object): Pick<Changed, "key" | "value"> => ({ key: ["letter", 1], value: change });

const DAMAGES: readonly Changed[] = [
  { name: "a chunk of a terabyte", ...info({ bytes: 2 ** 40 }) },
  { name: "a chunk of 80 MB", ...info({ bytes: 8e7 }) },
  { name: "a chunk whose length is no number", ...info({ bytes: "long" }) },
  { name: "a chunk whose last number is too large", ...info({ lastSeq: 2 ** 52 }) },
  { name: "a chunk that reaches into the next one", ...info({ lastSeq: 150 }) },
  { name: "a chunk that is acknowledged beyond its end", ...info({ upTo: 101 }) },
  { name: "a chunk with more rows than numbers", ...info({ live: [[SOURCE, 101]] }) },
  { name: "a chunk with fewer rows than none", ...info({ live: [[SOURCE, -1]] }) },
  { name: "a chunk with rows of no source", ...info({ live: [[NO_NAME, 100]] }) },
  { name: "a chunk with a dead letter of another one", ...info({ gone: [150] }) },
  { name: "a chunk sealed with something that is no key", ...info({ keyId: 7 }) },
  { name: "a chunk of no lane", key: ["info", NO_NAME, 1], value: { lastSeq: 9 } },
  { name: "a lane acknowledged beyond all numbers", key: ["head", LANE], value: 2 ** 52 },
  { name: "a lane acknowledged beyond its rows", key: ["head", LANE], value: 301 },
  { name: "a lane acknowledged up to a text", key: ["head", LANE], value: "all" },
  { name: "a table whose next number is too large", key: ["seq", TABLE], value: 2 ** 52 },
  { name: "a table whose next number is no number", key: ["seq", TABLE], value: "many" },
  { name: "numbers in memory without end", key: ["reserved", TABLE], value: Number.MAX_SAFE_INTEGER },
  { name: "numbers in memory of no table", key: ["reserved", NO_NAME], value: 7 },
  { name: "a letter of a terabyte", ...letter({ bytes: 2 ** 40 }) },
  { name: "a letter that counts a terabyte", ...letter({ size: 2 ** 40 }) },
  { name: "a letter of no source", ...letter({ source: NO_NAME }) },
  { name: "a next letter that is no number", key: ["next_letter"], value: NaN },
  { name: "a list of names of a terabyte", key: ["names_bytes"], value: 2 ** 40 },
  { name: "counters that are no numbers", key: ["ledger", SOURCE], value: { counters: { received: "300" } } },
  { name: "a beginning that is no time", key: ["meta"], value: { sinceUs: NaN } },
];

for (const { name, key, value } of DAMAGES) {
  Deno.test(`SpoolBuffer whose records tell of ${name} reads everything back from what is sealed`, async () => {
    await using home = new SpoolHome();
    await filled(home);
    await changeRecords(home.directory, [{ key, value }]);
    await using buffer = await home.open();
    assert.equal(home.eventsOf("spool_replaced").length, 1);
    assert.deepEqual(home.eventsOf("spool_salvaged").map(({ rows, letters }) => [rows, letters]), [[299, 1]]);
    await (await buffer.accept(handover(1, 300), filledRoute, NEVER)).durable;
    const rows = await readRows(buffer, 300);
    assert.deepEqual(numbersOf(rows), [...rowsOf([0, 1, 2]).filter((number) => number !== REFUSED), 300]);
    assert.ok((rows.at(-1)?.seq ?? 0) > 300);
    for (const terms of Object.values(buffer.ledger().sources)) assert.equal(difference(terms), 0);
  });
}

const TOO_LOW: readonly { name: string; value: unknown }[] = [
  { name: "is lost", value: undefined },
  { name: "was lowered", value: 5 },
];
for (const { name, value } of TOO_LOW) {
  Deno.test(`SpoolBuffer whose record of the next number ${name} gives no number of a chunk again`, async () => {
    await using home = new SpoolHome();
    await filled(home);
    await changeRecords(home.directory, [{ key: ["seq", TABLE], value }]);
    for (let start = 0; start < 2; start++) {
      await using buffer = await home.open();
      await (await buffer.accept(handover(1, 300 + start), filledRoute, NEVER)).durable;
    }
    assert.deepEqual(home.eventsOf("spool_replaced"), []);
    await using buffer = await home.open();
    const rows = await readRows(buffer, 301);
    assert.deepEqual(rows.slice(-2).map(({ seq }) => seq), [301, 302]);
    assert.deepEqual(new Set(rows.map(({ seq }) => seq)).size, 301);
  });

  Deno.test(`SpoolBuffer whose record of the next number ${name} gives none again that is acknowledged, or known to be missing`, async () => {
    await using home = new SpoolHome();
    {
      await using buffer = await home.open();
      await fillChunks(buffer, 3);
      await readRows(buffer, 300);
      await buffer.ack(lane, 300);
    }
    const range = { lastSeq: 400, reason: "dropped", timeUs: 1 };
    await changeRecords(home.directory, [{ key: ["seq", TABLE], value }, {
      key: ["missing", TABLE, 301],
      value: range,
    }]);
    await using buffer = await home.open();
    await (await buffer.accept(handover(1), filledRoute, NEVER)).durable;
    assert.deepEqual((await readRows(buffer, 1)).map(({ seq }) => seq), [401]);
  });
}
