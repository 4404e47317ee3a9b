import assert from "node:assert/strict";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { LogShelf, type LogShelfOptions } from "./log_shelf.ts";

const DAY_MS = 86_400_000;

function shelfIn(home: string, more: Partial<LogShelfOptions> = {}): LogShelf {
  const clock = { nowUs: () => Date.now() * 1000 };
  const path = "logs/connector.log";
  return new LogShelf({ home, path, maxFiles: 3, maxAgeMs: 0, isCompressed: true, clock, ...more });
}

async function write(shelf: LogShelf, text: string): Promise<void> {
  using file = await shelf.open();
  await file.write(new TextEncoder().encode(text));
}

const namesIn = (home: string) => [...Deno.readDirSync(`${home}/logs`)].map(({ name }) => name).sort();

async function unpacked(path: string): Promise<string> {
  const file = await Deno.open(path);
  return await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
}

Deno.test("LogShelf keeps so many files, the newest of the former as number 1, for their owner alone", async () => {
  await using home = await tempHome();
  const shelf = shelfIn(home.path);
  for (const text of ["a", "b", "c", "d"]) {
    await write(shelf, text);
    await shelf.rotate();
  }
  await write(shelf, "e");
  assert.deepEqual(namesIn(home.path), ["connector.log", "connector.log.1.gz", "connector.log.2.gz"]);
  assert.equal(Deno.readTextFileSync(`${home.path}/logs/connector.log`), "e");
  assert.equal(await unpacked(`${home.path}/logs/connector.log.1.gz`), "d");
  assert.equal(await unpacked(`${home.path}/logs/connector.log.2.gz`), "c");
  for (const name of namesIn(home.path)) {
    assert.equal((Deno.statSync(`${home.path}/logs/${name}`).mode ?? 0) & 0o777, 0o600, name);
  }
  assert.equal((Deno.statSync(`${home.path}/logs`).mode ?? 0) & 0o777, 0o700);
});

Deno.test("LogShelf appends to the file of an earlier start", async () => {
  await using home = await tempHome();
  await write(shelfIn(home.path), "a\n");
  await write(shelfIn(home.path), "b\n");
  assert.equal(Deno.readTextFileSync(`${home.path}/logs/connector.log`), "a\nb\n");
});

Deno.test("LogShelf leaves former files as they are where they are not to be compressed, and keeps none where one file is all", async () => {
  await using home = await tempHome();
  const plain = shelfIn(home.path, { isCompressed: false });
  await write(plain, "a");
  await plain.rotate();
  assert.deepEqual(namesIn(home.path), ["connector.log.1"]);
  const one = shelfIn(home.path, { maxFiles: 1 });
  await write(one, "b");
  await one.rotate();
  await one.sweep();
  assert.deepEqual(namesIn(home.path), []);
});

Deno.test("LogShelf deletes files that are too old, too many or begun, and nothing else", async () => {
  await using home = await tempHome();
  Deno.mkdirSync(`${home.path}/logs`);
  const old = ["connector.log.1.gz", "notes.log.1.gz", "connector.log"];
  for (const name of [...old, "connector.log.2", "connector.log.7.gz", "connector.log.1.gz.new", "connector.log.x"]) {
    Deno.writeTextFileSync(`${home.path}/logs/${name}`, name);
  }
  for (const name of old) Deno.utimeSync(`${home.path}/logs/${name}`, 0, Date.now() / 1000 - 91 * 86_400);
  await shelfIn(home.path, { maxAgeMs: 90 * DAY_MS }).sweep();
  assert.deepEqual(namesIn(home.path), ["connector.log", "connector.log.2", "connector.log.x", "notes.log.1.gz"]);
});

Deno.test("LogShelf takes no file for old while the host's clock is known to be wrong", async () => {
  await using home = await tempHome();
  const clock = { nowUs: () => (Date.now() + 1000 * DAY_MS) * 1000, doubt: () => "went_back" as const };
  const shelf = shelfIn(home.path, { maxAgeMs: DAY_MS, clock });
  await write(shelf, "a");
  await shelf.rotate();
  await shelf.sweep();
  assert.deepEqual(namesIn(home.path), ["connector.log.1.gz"]);
});

Deno.test("LogShelf writes to no file that a link leads to", async () => {
  await using home = await tempHome();
  await using outside = await tempHome();
  Deno.writeTextFileSync(`${outside.path}/victim`, "as it was");
  Deno.mkdirSync(`${home.path}/logs`);
  Deno.symlinkSync(`${outside.path}/victim`, `${home.path}/logs/connector.log`);
  await assert.rejects(shelfIn(home.path).open(), /connector\.log is a symbolic link/);
  assert.equal(Deno.readTextFileSync(`${outside.path}/victim`), "as it was");
});
