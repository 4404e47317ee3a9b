/** A spool whose file is spoilt behind its back, while it works with it. */
import assert from "node:assert/strict";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import {
  fillChunks,
  filledHome,
  filledRoute,
  overwritePages,
  pagesOfChunks,
  readRows,
  rowsOf,
} from "../../../tests/fakes/spool_damage.ts";
import { eventually } from "../../../tests/wait.ts";
import { difference } from "../ledger.ts";

const lane = fakeRoute().lane.id;
const CHUNKS = 60;
/** Few rows stay in memory, so that most are read from the disk. */
const COLD = { maxUnsent: 100, isCompressed: false } as const;

/** The pages in which chunks of the spool begin, and how many chunks begin in each. */
function firstPages(home: SpoolHome): Map<number, number[]> {
  const pages = pagesOfChunks(`${home.directory}/spool.db`).map((set) => Math.min(...[...set].slice(0, 1)));
  return Map.groupBy(pages.keys(), (chunk) => pages[chunk] ?? 0);
}

/** Spoils the page that the chunk begins in. Says which chunks that costs. */
function spoilStart(home: SpoolHome, chunk: number): number[] {
  const [page, chunks] = [...firstPages(home)].find(([, each]) => each.includes(chunk)) ?? [0, []];
  overwritePages(`${home.directory}/spool.db`, page);
  return chunks;
}

Deno.test("SpoolBuffer that cannot reach a chunk on disk says so once, keeps it, and reads back what is left at the next start", async () => {
  await using home = new SpoolHome();
  await filledHome(home, CHUNKS);
  const told: Error[] = [];
  let lost: number[] = [];
  {
    await using buffer = await home.open({ ...COLD, damaged: (error) => told.push(error) });
    lost = spoilStart(home, 29);
    const stop = new AbortController();
    const reading = (async () => {
      for await (const rows of buffer.next(lane, stop.signal)) await buffer.ack(lane, rows.at(-1)?.seq ?? 0);
    })();
    await eventually("it is told", () => told.length > 0);
    await eventually("what was read is acknowledged", () => buffer.ledger().total.written > 0);
    stop.abort();
    await reading;
    assert.equal(buffer.ledger().total.quarantined, 0);
    assert.equal(difference(buffer.ledger().total), 0);
  }
  assert.equal(told.length, 1);
  assert.deepEqual(home.eventsOf("spool_damaged").length, 1);
  assert.deepEqual(home.eventsOf("rows_quarantined"), []);
  await using buffer = await home.open();
  assert.equal(home.eventsOf("spool_salvaged").length, 1);
  const { written, spooled, quarantined, received } = buffer.ledger().total;
  assert.deepEqual([received, quarantined], [CHUNKS * 100, lost.length * 100]);
  assert.equal(difference(buffer.ledger().total), 0);
  const rows = numbersOf(await readRows(buffer, spooled));
  const left = rowsOf(new Set(Array(CHUNKS).keys()).difference(new Set(lost)));
  assert.deepEqual(rows, left.slice(left.length - spooled));
  assert.equal(written + spooled, left.length);
});

/** Spoils a page that the next commit needs, and acknowledges. Says whether the store met that within two seconds. */
async function isToldWhenWriting(home: SpoolHome, told: Error[]): Promise<boolean> {
  await filledHome(home, CHUNKS);
  await using buffer = await home.open({ ...COLD, damaged: (error) => told.push(error) });
  await readRows(buffer, 1200);
  spoilStart(home, 6);
  await buffer.ack(lane, 1200); // whose chunks are deleted then
  const isTold = await eventually("it is told", () => told.length > 0, 2000).then(() => true, () => false);
  if (!isTold) return false;
  const refused = await buffer.accept(handover(1, 9999, { isWithheld: true }), filledRoute, AbortSignal.abort())
    .then(() => "accepted", () => "refused");
  assert.equal(refused, "refused");
  return true;
}

Deno.test("SpoolBuffer that meets damage when it writes says so once, keeps what it had taken, and goes on at the next start", async () => {
  await using stack = new AsyncDisposableStack();
  let home = stack.use(new SpoolHome());
  let told: Error[] = [];
  // The store has several connections, and it is chance whether the one that writes has read the page before.
  for (let attempt = 1; !await isToldWhenWriting(home, told) && attempt < 8; attempt++) {
    home = stack.use(new SpoolHome());
    told = [];
  }
  assert.deepEqual([told.length, home.eventsOf("spool_stalled").length], [1, 1]);
  await using buffer = await home.open({ isCompressed: false });
  assert.equal(home.eventsOf("spool_salvaged").length, 1);
  const spooled = buffer.ledger().total.spooled;
  assert.ok(spooled >= (CHUNKS - 12) * 100);
  await fillChunks(buffer, 1, CHUNKS * 100);
  const rows = numbersOf(await readRows(buffer, spooled + 100));
  assert.deepEqual(rows.slice(-(CHUNKS - 11) * 100), rowsOf(Array.from({ length: CHUNKS - 11 }, (_, i) => i + 12)));
  assert.equal(difference(buffer.ledger().total), 0);
});
