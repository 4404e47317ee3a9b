import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { handover } from "../../tests/fakes/rows.ts";
import { emptyHome, filledHome, meterRoute, recordsOf, type SpooledHome } from "../../tests/fakes/spooled_home.ts";
import { outcomeOf } from "../../tests/fakes/terminal.ts";
import { eventually } from "../../tests/wait.ts";
import { SpoolAdmin } from "../buffer/spool/mod.ts";

const LANE = meterRoute().lane.id;
const NEVER = new AbortController().signal;

const spool = ({ path }: SpooledHome, ...words: string[]) => outcomeOf(["spool", ...words, "--home", path]);

/** Changes the values whose keys begin so. */
async function tamper({ spool: { directory } }: SpooledHome, prefix: Deno.KvKey, change: (value: unknown) => unknown) {
  using kv = await Deno.openKv(`${directory}/spool.db`);
  for await (const { key, value } of kv.list({ prefix })) await kv.set(key, change(value));
}

const flipped = (value: unknown) =>
  value instanceof Uint8Array ? value.map((byte, i) => i === 40 ? byte ^ 1 : byte) : value;

Deno.test("spool stat says what waits, in numbers that add up, and that the ledger balances", async () => {
  await using home = await filledHome();
  const { code, out, err } = await spool(home, "stat", "--json");
  assert.deepEqual([code, err], [0, ""]);
  const stat = JSON.parse(out);
  assert.equal(stat.rows, 8);
  assert.ok(stat.bytes > 0);
  assert.deepEqual(stat.lanes, [{ lane: LANE, rows: 8, bytes: stat.bytes, oldest: "1970-01-01T00:00:01.000Z" }]);
  assert.equal(stat.max_bytes, 1024 ** 2 * 1000);
  assert.deepEqual([stat.dead_letters, stat.quarantined, stat.balanced], [3, 0, true]);
  const { received, written, spooled, dead_lettered } = stat.ledger.total;
  assert.deepEqual({ received, written, spooled, dead_lettered }, {
    received: 12,
    written: 1,
    spooled: 8,
    dead_lettered: 3,
  });
});

Deno.test("spool stat is a table for people", async () => {
  await using home = await filledHome();
  const { code, out } = await spool(home, "stat");
  assert.equal(code, 0);
  assert.match(out, /^lane +rows +sealed bytes +oldest event$/m);
  assert.match(out, /^main\.bronze\.meter#\w+ +8 +\d+ +1970-01-01T00:00:01\.000Z$/m);
  assert.match(out, /^total +8 +\d+ +1970-01-01T00:00:01\.000Z$/m);
  assert.match(out, /^The ledger since \S+ balances:$/m);
  assert.match(out, /^ +dead_lettered +3$/m);
});

Deno.test("spool stat says that a ledger does not balance", async () => {
  await using home = await filledHome();
  await tamper(home, ["ledger"], (value) => {
    const { counters, dropped } = value as { counters: { received: number }; dropped: object }; // as SpoolState wrote it
    return { counters: { ...counters, received: counters.received + 1 }, dropped };
  });
  const { out } = await spool(home, "stat");
  assert.match(out, /^The ledger since \S+ does NOT balance:$/m);
});

Deno.test("spool verify opens all there is, and changes nothing", async () => {
  await using home = await filledHome();
  const before = await recordsOf(home);
  assert.deepEqual(await spool(home, "verify"), {
    code: 0,
    out: "readable: rows 8, chunks 1, dead letters 3\nNothing is damaged.\n",
    err: "",
  });
  assert.deepEqual(await recordsOf(home), before);
});

Deno.test("spool verify does not sweep away what a kill left behind", async () => {
  await using home = await filledHome();
  {
    using kv = await Deno.openKv(`${home.spool.directory}/spool.db`);
    await kv.set(["part", 1, "chunk", 0, 999], new Uint8Array(10));
  }
  const before = await recordsOf(home);
  assert.equal((await spool(home, "verify")).code, 0);
  assert.deepEqual(await recordsOf(home), before);
});

const DAMAGES: readonly (readonly [what: string, prefix: Deno.KvKey, change: typeof flipped, says: RegExp])[] = [
  [
    "a chunk with a flipped byte",
    ["chunk"],
    flipped,
    /^not readable: chunk of main.*, rows 1 to 10 \(8 .*does not open/m,
  ],
  ["a dead letter with a flipped byte", ["dead"], flipped, /^not readable: dead letter 3: it does not open$/m],
  ["a chunk that ends elsewhere", ["info"], recordWith({ lastSeq: 11 }), /its rows end with 10 instead of 11$/m],
  ["a chunk of another count", ["info"], recordWith({ live: [[0, 7]] }), /8 of its rows are needed, .* says 7$/m],
];

function recordWith(members: object): typeof flipped {
  return (value) => ({ ...value as object, ...members }); // a record of SpoolState
}

for (const [what, prefix, change, says] of DAMAGES) {
  Deno.test(`spool verify names ${what}, ends with 1 and leaves it as it is`, async () => {
    await using home = await filledHome();
    await tamper(home, prefix, change);
    const before = await recordsOf(home);
    const { code, out } = await spool(home, "verify");
    assert.equal(code, 1);
    assert.match(out, says);
    assert.deepEqual(await recordsOf(home), before);
  });
}

Deno.test("spool verify counts what is readable beside what is not", async () => {
  await using home = await emptyHome();
  {
    await using buffer = await home.spool.open({ isCompressed: false });
    const route = { ...meterRoute(), encode: () => new Uint8Array(450) };
    for (const from of [0, 100, 200]) await (await buffer.accept(handover(100, from), route, NEVER)).durable;
  }
  let index = 0;
  await tamper(home, ["chunk"], (value) => index++ === 1 ? flipped(value) : value);
  const { code, out } = await spool(home, "verify");
  assert.equal(code, 1);
  assert.match(out, /^not readable: chunk of \S+ rows 101 to 200 \(100 still to be sent\): /);
  assert.match(out, /^readable: rows 200, chunks 2, dead letters 0\ndamaged: 1$/m);
});

Deno.test("spool and dlq say in one line that another process has the spool and takes no commands, and end with 1", async () => {
  await using home = await filledHome();
  await using _running = await home.spool.open();
  const calls = [["spool", "stat"], ["spool", "verify"], ["dlq", "list"], ["dlq", "purge", "--all"], [
    "keys",
    "rotate",
  ]];
  for (const words of calls) {
    const { code, out, err } = await outcomeOf([...words, "--home", home.path]);
    assert.deepEqual([code, out], [1, ""], words.join(" "));
    assert.match(
      err,
      /^Another process works with the spool in \S+: a connector that starts or stops .+\. Try again .+\n$/,
    );
  }
});

Deno.test("spool waits a moment for a process that is about to let go of the spool", async () => {
  await using home = await filledHome();
  const clock = new FakeClock();
  const running = await home.spool.open();
  const opening = SpoolAdmin.open(home.spool, clock);
  await eventually("it waits", () => clock.sleeping === 1);
  await running[Symbol.asyncDispose]();
  await clock.advance(25);
  using admin = await opening;
  assert.equal(admin.ledger().total.spooled, 8);
});

Deno.test("spool makes no spool and no key where there is none", async () => {
  await using home = await emptyHome();
  const { code, err } = await spool(home, "stat");
  assert.equal(code, 1);
  assert.match(err, /^There is no spool in \S+: nothing was kept there\n$/);
  assert.deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name), ["config"]);
});

Deno.test("spool says that the key is missing, and puts nothing aside when the file is damaged", async () => {
  await using home = await filledHome();
  await Deno.rename(home.spool.keyPath, `${home.path}/key`);
  assert.match((await spool(home, "verify")).err, /is missing\. Restore the key/);
  await Deno.rename(`${home.path}/key`, home.spool.keyPath);
  await Deno.writeTextFile(`${home.spool.directory}/spool.db`, "garbage ".repeat(1000));
  const { code, err } = await spool(home, "verify");
  assert.equal(code, 1);
  assert.match(err, /^The spool \S+ cannot be read: [^\n]+\. Nothing was changed; /);
  assert.ok(![...Deno.readDirSync(home.spool.directory)].some(({ name }) => name.includes("corrupt")));
});

Deno.test("spool refuses words that it does not know, with the list of those it does", async () => {
  await using home = await filledHome();
  const misuses: readonly (readonly [words: string[], says: RegExp])[] = [
    [["stats"], /^spool cannot stats; there are:\n {2}spool stat \[--json\] .*\n {2}spool verify /],
    [[], /^Say what spool is to do:\n {2}spool stat /],
    [["verify", "--json"], /^verify takes no --json; there are:\n/],
    [["stat", "now"], /^stat does not know what to do with now; there are:\n/],
  ];
  for (const [words, says] of misuses) {
    const { code, out, err } = await spool(home, ...words);
    assert.deepEqual([code, out], [64, ""]);
    assert.match(err, says);
  }
});
