/** What the spool does when its files are not what it wrote, and what they show to whoever reads them. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { RejectedError } from "../../core/error.ts";
import type { Row } from "../../core/reading.ts";
import type { Buffer } from "../buffer.ts";
import type { DropPolicy } from "../memory_buffer.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;

async function read(buffer: Buffer, count: number): Promise<Row[]> {
  const rows: Row[] = [];
  const stop = new AbortController();
  for await (const some of buffer.next(lane, stop.signal)) {
    rows.push(...some);
    if (rows.length >= count) stop.abort();
  }
  return rows.slice(0, count);
}

/** Fills a spool with chunks of 100 rows each, and closes it. */
async function fill(home: SpoolHome, chunks: number): Promise<void> {
  await using buffer = await home.open({ isCompressed: false });
  const route = { ...fakeRoute(), encode: ({ eventTimeUs }: { eventTimeUs: number }) => filled(eventTimeUs) };
  for (let i = 0; i < chunks; i++) {
    const receipt = await buffer.accept(handover(100, i * 100), route, NEVER);
    await receipt.durable;
  }
}

/** 450 bytes that begin with the number as text: a chunk of a hundred of them takes no further rows. */
function filled(number: number): Uint8Array {
  return new Uint8Array(450).fill(32).map((byte, i) => `:${number}`.charCodeAt(i) || byte);
}

/** Changes the bytes of all values whose key holds this text. The database is not open elsewhere. */
function tamper(home: SpoolHome, keyPart: string, change: (value: Uint8Array, index: number) => void): void {
  using db = new DatabaseSync(`${home.directory}/spool.db`);
  const rows = db.prepare("select k, v from kv order by k").all();
  const wanted = rows.filter(({ k }) => k instanceof Uint8Array && new TextDecoder().decode(k).includes(keyPart));
  for (const [index, { k, v }] of wanted.entries()) {
    if (!(v instanceof Uint8Array)) throw new TypeError("a value is not bytes");
    const before = v.slice();
    change(v, index);
    if (v.some((byte, i) => byte !== before[i])) {
      db.prepare("update kv set v = ? where k = ?").run(v, k ?? "");
    }
  }
}

Deno.test("SpoolBuffer puts a chunk with one flipped byte into quarantine, counts its rows and goes on behind it", async () => {
  await using home = new SpoolHome();
  await fill(home, 5);
  tamper(home, "chunk", (value, index) => {
    if (index === 2) value[300] = (value[300] ?? 0) ^ 1;
  });
  {
    await using buffer = await home.open();
    const numbers = numbersOf(await read(buffer, 400));
    assert.deepEqual(numbers, [...Array(500).keys()].filter((number) => number < 200 || number >= 300));
    await buffer.ack(lane, 500);
    const { total, balanced } = buffer.ledger();
    assert.deepEqual([total.written, total.quarantined, balanced], [400, 100, true]);
  }
  assert.deepEqual(home.eventsOf("rows_quarantined").map(({ count }) => count), [100]);
  await using buffer = await home.open();
  const { total, balanced } = buffer.ledger();
  assert.deepEqual([total.quarantined, total.spooled, balanced], [100, 0, true]);
});

Deno.test("SpoolBuffer does not take a chunk for another: chunks that were swapped go into quarantine", async () => {
  await using home = new SpoolHome();
  await fill(home, 3);
  const kept: Uint8Array[] = [];
  tamper(home, "chunk", (value) => kept.push(value.slice()));
  tamper(home, "chunk", (value, index) => value.set(kept[[1, 0, 2][index] ?? 0]?.subarray(0, value.length) ?? []));
  await using buffer = await home.open();
  assert.deepEqual(numbersOf(await read(buffer, 100)), [...Array(100).keys()].map((number) => number + 200));
  assert.equal(buffer.ledger().total.quarantined, 200);
});

const DAMAGES: readonly { name: string; damage: (path: string) => void }[] = [
  { name: "garbage at its start", damage: (path) => overwrite(path, 0, 200) },
  { name: "a damaged page", damage: (path) => overwrite(path, 4096, 4096 * 3) },
  { name: "nothing but garbage", damage: (path) => Deno.writeFileSync(path, new Uint8Array(5000).fill(0x5a)) },
  { name: "its end cut off", damage: (path) => Deno.truncateSync(path, 4096 * 3) },
];
for (const { name, damage } of DAMAGES) {
  Deno.test(`SpoolBuffer whose file has ${name} puts it aside, goes on with a new one and says so`, async () => {
    await using home = new SpoolHome();
    await fill(home, 4);
    damage(`${home.directory}/spool.db`);
    await using buffer = await home.open();
    const [event] = home.eventsOf("spool_replaced");
    assert.ok(event);
    assert.ok(Deno.statSync(event.kept).isFile);
    assert.match(event.kept, /spool\.db\.corrupt-\d{4}-/);
    const before = buffer.ledger().total.spooled; // what could be read back comes first
    await buffer.accept(handover(1, 7), fakeRoute(), NEVER);
    assert.deepEqual(numbersOf(await read(buffer, before + 1)).at(-1), 7);
    assert.ok(buffer.ledger().balanced);
  });
}

/** In a process of its own: the store ends the process when it meets such damage. */
Deno.test("SpoolBuffer starts although a table or index is damaged that only the store itself reads", async () => {
  await using home = new SpoolHome();
  await fill(home, 4);
  const path = `${home.directory}/spool.db`;
  const pages = (() => {
    using db = new DatabaseSync(path);
    const roots = db.prepare("SELECT rootpage FROM sqlite_schema WHERE tbl_name LIKE 'queue%' AND rootpage > 0").all();
    return roots.map(({ rootpage }) => Number(rootpage));
  })();
  assert.ok(pages.length >= 4, `${pages}`);
  const whole = await Deno.readFile(path);
  const module = new URL("../../../tests/fakes/spool.ts", import.meta.url);
  const script = `const { SpoolHome } = await import("${module}");
    const buffer = await new SpoolHome("${home.path}").open();
    console.log("rows", buffer.ledger().total.spooled, buffer.ledger().balanced);
    await buffer[Symbol.asyncDispose]();`;
  for (const page of pages) {
    await Deno.writeFile(path, whole);
    for (const beside of ["-wal", "-shm"]) await Deno.remove(path + beside).catch(() => {/* it was taken in */});
    overwrite(path, (page - 1) * 4096, 4096);
    const command = new Deno.Command(Deno.execPath(), { args: ["eval", "--quiet", script] });
    const { code, stdout, stderr } = await command.output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, `page ${page}: ${said}`);
    assert.match(said, /^rows 4\d\d true$/m, `page ${page}`);
  }
});

for (const record of ["info", "ledger", "meta", "seq"]) {
  Deno.test(`SpoolBuffer of which the first bytes of a record ${record} are changed starts all the same`, async () => {
    await using home = new SpoolHome();
    await fill(home, 2);
    tamper(home, record, (value) => value.set([1, 2, 3].slice(0, value.length)));
    await using buffer = await home.open();
    assert.equal(home.eventsOf("spool_replaced").length, 1);
    await (await buffer.accept(handover(1, 7), fakeRoute(), NEVER)).durable;
    assert.ok(buffer.ledger().balanced);
  });
}

function overwrite(path: string, from: number, bytes: number): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(from, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(bytes).fill(0x5a));
}

/** Names and contents of all files below. */
function contents(directory: string): Map<string, string> {
  const files = [...Deno.readDirSync(directory)].filter(({ isFile }) => isFile);
  return new Map(files.map(({ name }) => [name, Deno.readFileSync(`${directory}/${name}`).toHex()]));
}

Deno.test("SpoolBuffer without its key does not start, says what to do and changes nothing", async () => {
  await using home = new SpoolHome();
  await fill(home, 1);
  Deno.removeSync(home.keyPath);
  const before = contents(home.directory);
  await assert.rejects(home.open(), { name: "ConfigError", code: "spool_key_missing", message: /Restore the key/ });
  assert.deepEqual(contents(home.directory), before);
  assert.throws(() => Deno.statSync(home.keyPath), Deno.errors.NotFound);
});

Deno.test("SpoolBuffer with another key does not start, and starts again with its own", async () => {
  await using home = new SpoolHome();
  await fill(home, 1);
  const key = Deno.readFileSync(home.keyPath);
  Deno.writeFileSync(home.keyPath, key.map((byte) => byte ^ 1));
  await assert.rejects(home.open(), { name: "ConfigError", code: "spool_key_wrong" });
  Deno.writeFileSync(home.keyPath, key);
  await using buffer = await home.open();
  assert.equal(buffer.ledger().total.spooled, 100);
});

Deno.test("SpoolBuffer in use is not opened a second time, and can be once it is closed", async () => {
  await using home = new SpoolHome();
  {
    await using _buffer = await home.open();
    await assert.rejects(home.open(), { name: "ConfigError", code: "spool_in_use", message: /in use by another/ });
  }
  await using _again = await home.open();
});

Deno.test("SpoolBuffer says so when its directory cannot be made", async () => {
  await using home = new SpoolHome();
  Deno.writeTextFileSync(home.directory, "a file is in the way");
  await assert.rejects(home.open(), { name: "ConfigError", code: "spool_unusable" });
});

Deno.test("SpoolBuffer follows no symbolic link out of its directory", async () => {
  await using home = new SpoolHome();
  await fill(home, 1);
  Deno.renameSync(`${home.directory}/spool.db`, `${home.path}/elsewhere.db`);
  Deno.symlinkSync(`${home.path}/elsewhere.db`, `${home.directory}/spool.db`);
  await assert.rejects(home.open(), { code: "spool_unusable", message: /symbolic links: spool\.db/ });
});

Deno.test("SpoolBuffer keeps no name and no value in clear, and its files from everybody else", async () => {
  await using home = new SpoolHome();
  const secrets = ["furnace-temperature", "hall-seven", "main.bronze.t", "4711.0815", "no-such-column"];
  await using buffer = await home.open({ reserveMb: 1 });
  const encode = () => new TextEncoder().encode("value 4711.0815 ".repeat(3));
  const route = { ...fakeRoute("hall-seven"), encode };
  await buffer.accept(handover(500, 0, { tag: "furnace-temperature" }), route, NEVER);
  const [row] = await read(buffer, 500);
  assert.ok(row);
  await buffer.reject(row, new RejectedError("refused", "no-such-column"));
  await (await buffer.accept(handover(1), route, NEVER)).durable;
  const files = [...contents(home.directory)];
  assert.ok(files.length >= 4, `files: ${files.map(([name]) => name)}`);
  for (const [name, hex] of files) {
    for (const secret of secrets) {
      assert.ok(!hex.includes(new TextEncoder().encode(secret).toHex()), `${name} shows ${secret}`);
    }
    assert.equal((Deno.statSync(`${home.directory}/${name}`).mode ?? 0) & 0o777, 0o600, name);
  }
  assert.equal((Deno.statSync(home.directory).mode ?? 0) & 0o777, 0o700);
  assert.equal((Deno.statSync(home.keyPath).mode ?? 0) & 0o777, 0o600);
});

const POLICIES: { policy: DropPolicy; reason: string }[] = [
  { policy: "newest", reason: "spool_full_newest" },
  { policy: "oldest", reason: "spool_full_oldest" },
];
for (const { policy, reason } of POLICIES) {
  Deno.test(`SpoolBuffer under ${policy} lets rows go when it is full, counts them and says from when`, async () => {
    await using home = new SpoolHome();
    const options = { dropPolicy: policy, maxBytes: 100_000, isCompressed: false };
    await using buffer = await home.open(options);
    const route = { ...fakeRoute(), encode: ({ eventTimeUs }: { eventTimeUs: number }) => filled(eventTimeUs) };
    for (let i = 0; i < 5; i++) await (await buffer.accept(handover(100, i * 100), route, NEVER)).durable;
    const { total, balanced } = buffer.ledger();
    const lost = total.dropped[reason] ?? 0;
    assert.ok(balanced && lost >= 200, JSON.stringify(total));
    const rows = numbersOf(await read(buffer, 500 - lost));
    assert.equal(rows[0], policy === "newest" ? 0 : lost);
    assert.equal(rows.at(-1), policy === "newest" ? 499 - lost : 499);
    const [drop] = home.eventsOf("readings_dropped");
    assert.deepEqual([drop?.source, drop?.reason, drop?.fromUs], [
      "press",
      reason,
      policy === "newest" ? 500 - lost : 0,
    ]);
    const levels = home.eventsOf("spool_level").map(({ isHigh }) => isHigh);
    assert.equal(levels[0], true);
  });

  Deno.test(`SpoolBuffer under ${policy} never lets go what a broker would send again: its source waits`, async () => {
    await using home = new SpoolHome();
    await using buffer = await home.open({ dropPolicy: policy, maxBytes: 40_000, isCompressed: false });
    const route = { ...fakeRoute(), encode: ({ eventTimeUs }: { eventTimeUs: number }) => filled(eventTimeUs) };
    await (await buffer.accept(handover(100, 0, { isWithheld: true }), route, NEVER)).durable;
    const accepting = buffer.accept(handover(1, 100, { isWithheld: true }), route, NEVER).then(() => "accepted");
    assert.equal(await Promise.race([accepting, Promise.resolve("waiting")]), "waiting");
    assert.ok(buffer.level().isFull);
    await read(buffer, 100);
    await buffer.ack(lane, 100);
    assert.equal(await accepting, "accepted");
    assert.deepEqual(buffer.ledger().total.dropped, {});
  });
}
