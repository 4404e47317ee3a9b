import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { LOCAL_LANE, localRow, localRows, LocalStand } from "../../../tests/fakes/local_database.ts";
import { MQTT } from "../../bronze/mod.ts";
import { type Disposition, EdgeError } from "../../core/error.ts";
import { localError } from "./local_error.ts";

const NEVER = new AbortController().signal;

/** What each way of failing throws, from SQLite and the file system themselves. */
const FAILURES: readonly [name: string, fail: (home: string) => void, code: string, Disposition, text: RegExp][] = [
  ["a full disk", fillUp, "local_disk_full", "retry", /free some space .* local_sink\.max_size_mb/],
  ["another writer", lock, "local_file_locked", "retry", /Another process writes/],
  ["a file that may not be written", writeReadOnly, "local_file_read_only", "halt", /write access/],
  [
    "a path that is a folder",
    (home) => new DatabaseSync(home),
    "local_file_unopenable",
    "halt",
    /local_sink\.path must name a file/,
  ],
  [
    "a file of another user",
    () => {
      throw new Error("Operation not permitted (os error 1)"); // root may do all
    },
    "local_file_unopenable",
    "halt",
    /the connector's user may write/,
  ],
  [
    "a folder that is gone",
    (home) => Deno.openSync(`${home}/none/local.db`, { write: true, create: true }),
    "local_file_unopenable",
    "halt",
    /local_sink\.path must name a file/,
  ],
  ["a foreign file", openForeign, "local_file_corrupt", "retry", /not an intact SQLite database/],
  [
    "a broken disk",
    () => {
      throw new Error("disk I/O error"); // no way to break one here: the text is sqlite3_errstr(SQLITE_IOERR)
    },
    "local_disk_error",
    "retry",
    /reports errors/,
  ],
];

function fillUp(home: string): void {
  using db = new DatabaseSync(`${home}/full.db`);
  db.exec("CREATE TABLE t (a)");
  db.exec("PRAGMA max_page_count = 4");
  db.prepare("INSERT INTO t VALUES (?)").run(new Uint8Array(100_000));
}

function lock(home: string): void {
  using db = new DatabaseSync(`${home}/locked.db`);
  using other = new DatabaseSync(`${home}/locked.db`);
  db.exec("CREATE TABLE t (a)");
  other.exec("BEGIN EXCLUSIVE");
  db.exec("INSERT INTO t VALUES (1)");
}

function writeReadOnly(home: string): void {
  new DatabaseSync(`${home}/ro.db`).close();
  Deno.writeFileSync(`${home}/ro.db`, new Uint8Array());
  using db = new DatabaseSync(`${home}/ro.db`, { readOnly: true });
  db.exec("CREATE TABLE t (a)");
}

function openForeign(home: string): void {
  Deno.writeTextFileSync(`${home}/foreign.db`, "this is a letter, no database. ".repeat(100));
  using db = new DatabaseSync(`${home}/foreign.db`);
  db.exec("CREATE TABLE t (a)");
}

for (const [name, fail, code, disposition, text] of FAILURES) {
  Deno.test(`localError() says what to do about ${name}`, () => {
    using local = new LocalStand();
    let thrown: unknown;
    try {
      fail(local.home);
    } catch (error) {
      thrown = error;
    }
    const told = localError(thrown, "/data/local.db");
    assert.ok(told instanceof EdgeError, `${thrown}`);
    assert.equal(told.code, code);
    assert.equal(told.disposition, disposition);
    assert.match(told.message, text);
    assert.match(told.message, /\/data\/local\.db/);
    assert.equal(told.cause, thrown);
  });
}

Deno.test("localError() leaves what nobody foresaw as it is", () => {
  const bug = new TypeError("x is undefined");
  assert.equal(localError(bug, "/data/local.db"), bug);
});

Deno.test("LocalDatabase puts a file of SQLite's that cannot be read aside, tells where, and begins a new one", async () => {
  using local = new LocalStand();
  Deno.mkdirSync(`${local.home}/data`);
  Deno.writeTextFileSync(local.path, `SQLite format 3\0${"and then a letter. ".repeat(100)}`);
  const sink = local.database.sink(LOCAL_LANE, MQTT as never);
  await sink.connect(NEVER);
  await sink.send([localRow(1)], NEVER);
  assert.deepEqual(local.query('SELECT seq FROM "iot.bronze.mqtt"'), [{ seq: 1n }]);
  const [event] = local.events;
  assert.equal(event?.kind, "file_replaced");
  const kept = event?.kind === "file_replaced" ? event.kept : "";
  assert.match(kept, /\/data\/local\.db\.corrupt-\d{4}-\d\d-\d\dT[\d-]+Z$/);
  assert.match(Deno.readTextFileSync(kept), /^SQLite format 3\0and then a letter/);
});

for (const text of ["this is a letter, no database. ".repeat(100), "short", "SQLite format 3"]) {
  Deno.test(`LocalDatabase leaves a file that is none of SQLite's as it is: ${text.slice(0, 20)}`, async () => {
    using local = new LocalStand();
    Deno.mkdirSync(`${local.home}/data`);
    Deno.writeTextFileSync(local.path, text, { mode: 0o640 });
    const sink = local.database.sink(LOCAL_LANE, MQTT as never);
    await assert.rejects(async () => await sink.connect(NEVER), (error) => {
      assert.ok(error instanceof EdgeError);
      assert.deepEqual([error.code, error.disposition], ["local_file_foreign", "halt"]);
      assert.match(error.message, /local\.db is no SQLite file, and is left as it is: name another file in local_sink/);
      return true;
    });
    assert.equal(Deno.readTextFileSync(local.path), text);
    assert.equal(Deno.statSync(local.path).mode! & 0o777, 0o640);
    assert.deepEqual([...Deno.readDirSync(`${local.home}/data`)].map(({ name }) => name), ["local.db"]);
    assert.deepEqual(local.events, []);
  });
}

Deno.test("LocalDatabase begins in an empty file", async () => {
  using local = new LocalStand();
  Deno.mkdirSync(`${local.home}/data`);
  Deno.writeTextFileSync(local.path, "");
  const sink = local.database.sink(LOCAL_LANE, MQTT as never);
  await sink.connect(NEVER);
  await sink.send([localRow(1)], NEVER);
  assert.deepEqual(local.events, []);
});

Deno.test("LocalDatabase begins a new file after the open one turned out to be damaged", async () => {
  using local = new LocalStand();
  const first = local.database.sink(LOCAL_LANE, MQTT as never);
  await first.connect(NEVER);
  await first.send(localRows(0, 2000), NEVER);
  local.database[Symbol.dispose]();
  damage(local.path);
  using again = local.open();
  const sink = again.sink(LOCAL_LANE, MQTT as never);
  await assert.rejects(connectAndSend(), (error) => error instanceof EdgeError && error.code === "local_file_corrupt");
  await connectAndSend();
  assert.deepEqual(local.query('SELECT seq FROM "iot.bronze.mqtt"'), [{ seq: 5000n }]);
  assert.deepEqual(local.events.map((event) => event.kind), ["file_replaced"]);

  async function connectAndSend() {
    await sink.connect(NEVER);
    await sink.send([localRow(5000)], NEVER);
  }
});

Deno.test(
  "LocalDatabase makes a file that only its owner may read",
  { ignore: Deno.build.os === "windows" },
  async () => {
    using local = new LocalStand();
    const sink = local.database.sink(LOCAL_LANE, MQTT as never);
    await sink.connect(NEVER);
    await sink.send([localRow(1)], NEVER);
    for (const name of [local.path, `${local.path}-wal`]) {
      assert.equal(
        (Deno.statSync(name).mode ?? 0) & 0o077,
        0,
        name,
      );
    }
  },
);

/** Overwrites all pages but the first two, which hold the schema. */
function damage(path: string): void {
  using file = Deno.openSync(path, { write: true });
  const { size } = file.statSync();
  file.seekSync(3 * 4096, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(size - 3 * 4096).fill(0x5a));
}
