/** A damaged spool costs time and room in proportion to its files, whatever they say of themselves. */
import assert from "node:assert/strict";
import { numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { fillChunks, filledHome, overwrite, PAGE, readRows, rowsOf } from "../../../tests/fakes/spool_damage.ts";
import { PageFile } from "./salvage_pages.ts";
import { rowsIn } from "./salvage_rows.ts";

const FRAME = 24 + PAGE;
const MANY = 0xffffffff;

/** The log's checksum ("WAL-mode File Format", sqlite.org/walformat.html), of words that are stored little-endian. */
function checksum(bytes: Uint8Array<ArrayBuffer>, from: readonly [number, number]): readonly [number, number] {
  let [first, second] = from;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += 8) {
    first = (first + view.getUint32(at, true) + second) >>> 0;
    second = (second + view.getUint32(at + 4, true) + first) >>> 0;
  }
  return [first, second];
}

/** Writes a log of one commit of one page, which says that the page has this number and the file so many pages. */
function writeLog(path: string, page: number, pages: number): void {
  const log = new Uint8Array(32 + FRAME);
  const view = new DataView(log.buffer);
  [0x377f0682, 3007000, PAGE, 0, 7, 8].forEach((word, i) => view.setUint32(4 * i, word));
  const head = checksum(log.subarray(0, 24), [0, 0]);
  [...head, page, pages, 7, 8].forEach((word, i) => view.setUint32(24 + 4 * i, word));
  const sum = checksum(log.subarray(56), checksum(log.subarray(32, 40), head));
  sum.forEach((word, i) => view.setUint32(48 + 4 * i, word));
  Deno.writeFileSync(path, log);
}

Deno.test("PageFile whose log speaks of four thousand million pages has those that are there", async () => {
  await using home = new SpoolHome();
  const path = `${home.path}/x.db`;
  Deno.writeFileSync(path, new Uint8Array(5 * PAGE));
  writeLog(`${path}-wal`, 2, MANY);
  using file = new PageFile(path);
  assert.equal(file.count, 5);
  assert.deepEqual([...file.numbers()], [1, 2, 3, 4, 5]);
});

Deno.test("PageFile whose log holds a page with a number beyond all has that one, and none before it", async () => {
  await using home = new SpoolHome();
  const path = `${home.path}/x.db`;
  Deno.writeFileSync(path, new Uint8Array(2 * PAGE));
  writeLog(`${path}-wal`, MANY - 1, MANY);
  using file = new PageFile(path);
  assert.deepEqual([...file.numbers()], [1, 2, MANY - 1]);
});

Deno.test("rowsIn() takes no more from a page than it has room for, however often it names a row", async () => {
  await using home = new SpoolHome();
  const path = `${home.path}/x.db`;
  const bytes = new Uint8Array(3 * PAGE);
  const page = bytes.subarray(2 * PAGE);
  const view = new DataView(page.buffer, page.byteOffset);
  page[0] = 0x0a;
  view.setUint16(3, 1000);
  // A row of 900 bytes: its length, and a header of 6 bytes that says a key of 4, a value of 100, and two numbers.
  const row = [0x87, 0x04, 6, 20, 0x81, 0x54, 1, 1];
  for (let i = 0; i < 1000; i++) view.setUint16(8 + 2 * i, 2200 + (i % 500));
  for (let at = 2200; at < 2700; at += row.length) page.set(row, at);
  Deno.writeFileSync(path, bytes);
  using file = new PageFile(path);
  const found = rowsIn(file, 3);
  assert.ok(found.length > 0 && found.length <= 2 * PAGE / 900, `${found.length} rows`);
});

Deno.test("SpoolBuffer says that it looks for what is left before it does, and keeps the newest three damaged files", async () => {
  await using home = new SpoolHome();
  await filledHome(home, 1);
  for (let i = 0; i < 5; i++) {
    overwrite(`${home.directory}/spool.db`, 0, 100);
    await using buffer = await home.open({ isCompressed: false });
    await fillChunks(buffer, 1, 100 * (i + 1));
  }
  const kept = home.eventsOf("spool_replaced").map(({ kept }) => kept);
  const files = [...Deno.readDirSync(home.directory)].map(({ name }) => `${home.directory}/${name}`);
  assert.deepEqual(files.filter((file) => file.includes(".corrupt-")).sort(), kept.slice(-3));
  assert.deepEqual(home.eventsOf("spool_remains_deleted").map(({ path }) => path), kept.slice(0, 2));
  const order = home.events.map(({ kind }) => kind).filter((kind) => /salvage|replaced/.test(kind));
  assert.deepEqual(order.slice(0, 3), ["spool_salvage_begun", "spool_replaced", "spool_salvaged"]);
  await using buffer = await home.open();
  assert.deepEqual(numbersOf(await readRows(buffer, 600)), rowsOf(Array(6).keys()));
});
