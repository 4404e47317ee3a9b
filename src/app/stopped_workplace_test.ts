import assert from "node:assert/strict";
import { emptyHome, filledHome, recordsOf, type SpooledHome } from "../../tests/fakes/spooled_home.ts";
import { loadText } from "../../tests/fakes/config_file.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { outcomeOf, terminalOf } from "../../tests/fakes/terminal.ts";
import { StoppedWorkplace } from "./stopped_workplace.ts";

async function run({ path }: SpooledHome, words: readonly string[], input = "") {
  return await outcomeOf([...words, "--home", path], { input });
}

/** Fails unless the command ends with 0 and complains of nothing. */
async function outOf(home: SpooledHome, words: readonly string[], input = ""): Promise<string> {
  const { code, out, err } = await run(home, words, input);
  assert.deepEqual([code, err], [0, ""], words.join(" "));
  return out;
}

async function statOf(home: SpooledHome) {
  const { rows, dead_letters, balanced, ledger: { total } } = JSON.parse(
    await outOf(home, ["spool", "stat", "--json"]),
  );
  return { rows, dead_letters, balanced, exported: total.exported, received: total.received };
}

Deno.test("Without a connector, dead letters go back to where rows wait for the next start", async () => {
  await using home = await filledHome();
  assert.equal(await outOf(home, ["dlq", "replay", "3"]), "dead letters sent again: 1; rows that they became: 1\n");
  assert.deepEqual(await statOf(home), { rows: 9, dead_letters: 2, balanced: true, exported: 0, received: 12 });
});

Deno.test("Without a connector, a dead letter goes back changed, and stays where the change is none", async () => {
  await using home = await filledHome();
  const { code, err } = await run(home, ["dlq", "replay", "3", "--set", "value=five"]);
  assert.equal(code, 1);
  assert.match(err, /^Column value takes [^\n]+\n$/);
  await outOf(home, ["dlq", "replay", "3", "--set", "value=5"]);
  assert.deepEqual(await statOf(home), { rows: 9, dead_letters: 2, balanced: true, exported: 0, received: 12 });
});

Deno.test("Without a connector, rows are carried from one home to another with a passphrase, once", async () => {
  await using home = await filledHome();
  await using other = await filledHome();
  const words = ["rows", "--passphrase-stdin"];
  assert.match(await outOf(home, ["spool", "export", ...words], "correct horse\n"), /counted as exported: 8\n$/);
  assert.equal((Deno.statSync(`${home.path}/rows`).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(await statOf(home), { rows: 0, dead_letters: 3, balanced: true, exported: 8, received: 12 });
  assert.match(await outOf(home, ["spool", "gaps", "--json"]), /"last_seq":10,"reason":"exported"/);
  await Deno.copyFile(`${home.path}/rows`, `${other.path}/rows`);
  const wrong = await run(other, ["spool", "import", ...words], "another\n");
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /^[^\n]+\n$/);
  assert.match(await outOf(other, ["spool", "import", ...words], "correct horse\n"), /: 8\n$/);
  assert.deepEqual(await statOf(other), { rows: 16, dead_letters: 3, balanced: true, exported: 0, received: 20 });
  assert.match((await run(other, ["spool", "import", ...words], "correct horse\n")).err, /was taken in before/);
});

Deno.test("Without a connector, the key is changed, and what the old one sealed is still read", async () => {
  await using home = await filledHome();
  const before = await Deno.readFile(home.spool.keyPath);
  assert.match(await outOf(home, ["keys", "rotate"]), /sealed with a new key, [0-9a-f]{8}, from now on/);
  assert.notDeepEqual(await Deno.readFile(home.spool.keyPath), before);
  assert.match(await outOf(home, ["spool", "verify"]), /rows 8, chunks 1, dead letters 3\nNothing is damaged/);
});

Deno.test("Without a connector, what changes a spool makes none where there is none", async () => {
  await using home = await emptyHome();
  for (const words of [["spool", "export", "rows"], ["dlq", "replay", "--all"], ["keys", "rotate"]]) {
    const { code, err } = await run(home, words);
    assert.equal(code, 1);
    assert.match(err, /^There is no spool in \S+: nothing was kept there\n$/);
  }
  assert.deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name), ["config"]);
});

Deno.test("Without a connector, an export that fails leaves all rows where they are, and no file", async () => {
  await using home = await filledHome();
  const before = await recordsOf(home);
  const { code, err } = await run(home, ["spool", "export", "none/rows"]);
  assert.equal(code, 1);
  assert.match(err, /none\/rows/);
  const rowsOf = (records: readonly unknown[]) =>
    records.filter((each) => /^\[\["(chunk|info|dead|letter)"/.test(JSON.stringify(each)));
  assert.deepEqual(rowsOf(await recordsOf(home)), rowsOf(before));
});

Deno.test("Without a connector, the spool of an earlier configuration is there although the present one keeps rows in memory", async () => {
  await using home = await filledHome();
  const path = `${home.path}/config/connector.yaml`;
  await Deno.writeTextFile(
    path,
    `${await Deno.readTextFile(path)}backpressure: { durability: memory, disk_spool: { enabled: false } }\n`,
  );
  assert.match(await outOf(home, ["dlq", "replay", "3"]), /dead letters sent again: 1/);
});

const CHANGES = [
  ["dlq", "replay", "--all"],
  ["dlq", "purge", "--all"],
  ["dlq", "export", "export/letters"],
  ["spool", "export", "export/rows"],
  ["spool", "import", "rows"],
  ["keys", "rotate"],
];

Deno.test("Without a connector, root changes nothing of another user's spool, and may look at it", async () => {
  if (Deno.uid() !== 0) return; // only root may open what is another's
  await using home = await filledHome();
  await Deno.chown(`${home.spool.directory}/spool.db`, 4242, null);
  const before = [await recordsOf(home), [...Deno.readDirSync(home.path)].map(({ name }) => name).sort()];
  for (const words of CHANGES) {
    const { code, err } = await run(home, words);
    assert.equal(code, 1);
    assert.match(
      err,
      /^Cannot change the spool in \S+: it belongs to user 4242, .* sudo -u '#4242' iot-connector …\n$/,
    );
  }
  assert.deepEqual([await recordsOf(home), [...Deno.readDirSync(home.path)].map(({ name }) => name).sort()], before);
  for (const words of [["spool", "stat"], ["dlq", "list"], ["spool", "gaps"]]) await outOf(home, words);
});

for (const isChanged of [true, false]) {
  Deno.test(`A stopped workplace is ${isChanged ? "not " : ""}for another user ${isChanged ? "to change" : "to look at"}`, async () => {
    await using home = await filledHome();
    const { terminal } = terminalOf({});
    const loaded = await loadText("version: 1\nlocal_sink: { enabled: true }\n");
    const options = { home: home.path, loaded, clock: terminal.clock, log: new FakeLogger(), isChanged };
    const open = (uid: number) => new StoppedWorkplace({ ...options, uid });
    const own = Deno.uid() ?? 0;
    await using _own = open(own);
    if (isChanged) assert.throws(() => open(own + 1), /^ConfigError: Cannot change the spool/);
    else await open(own + 1)[Symbol.asyncDispose]();
  });
}
