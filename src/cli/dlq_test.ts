import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  BINARY_PAYLOAD,
  emptyHome,
  filledHome,
  meterRoute,
  recordsOf,
  type SpooledHome,
} from "../../tests/fakes/spooled_home.ts";
import { outcomeOf } from "../../tests/fakes/terminal.ts";
import { DecodeError } from "../core/error.ts";

const NEVER = new AbortController().signal;
// deno-lint-ignore no-control-regex -- control characters are what it is about
const STEERING = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

const dlq = ({ path }: SpooledHome, ...words: string[]) => outcomeOf(["dlq", ...words, "--home", path]);
const objectsOf = (text: string) => text.trimEnd().split("\n").map((line) => JSON.parse(line));

Deno.test("dlq list names the newest first", async () => {
  await using home = await filledHome();
  const { code, out, err } = await dlq(home, "list");
  assert.deepEqual([code, err], [0, ""]);
  const [head, ...lines] = out.trimEnd().split("\n");
  assert.match(head ?? "", /^id +time +source +tag +table +code +reason$/);
  assert.deepEqual(lines.map((line) => line.split(" ")[0]), ["3", "2", "1"]);
  assert.match(lines[0] ?? "", /^3 +\S+Z meter +t +main\.bronze\.meter +row_refused +The table does not take it$/);
});

Deno.test("dlq list --json prints an object per letter, --limit as many as asked", async () => {
  await using home = await filledHome();
  const { out } = await dlq(home, "list", "--json", "--limit", "2");
  const [first, second, ...rest] = objectsOf(out);
  assert.deepEqual(rest, []);
  const { time, ...fields } = first;
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  const reason = "The table does not take it";
  assert.deepEqual(fields, {
    id: 3,
    source: "meter",
    tag: "t",
    table: "main.bronze.meter",
    code: "row_refused",
    reason,
  });
  assert.equal(second.id, 2);
});

Deno.test("dlq list reaches further back than the letters that a start reads", async () => {
  await using home = await emptyHome();
  {
    await using buffer = await home.spool.open();
    const reason = new DecodeError("not_json", "It is no JSON");
    const refusals = Array.from({ length: 120 }, () => ({ tag: "a", eventTimeUs: 0, payload: BINARY_PAYLOAD, reason }));
    await (await buffer.accept({ readings: [], refusals, isWithheld: false }, meterRoute(), NEVER)).durable;
  }
  const { out } = await dlq(home, "list", "--json", "--limit", "1000");
  assert.deepEqual(objectsOf(out).map(({ id, code }) => [id, code]).at(-1), [1, "not_json"]);
  assert.equal(objectsOf((await dlq(home, "list", "--json")).out).length, 50);
});

Deno.test("dlq list says that there is none", async () => {
  await using home = await emptyHome();
  await (await home.spool.open())[Symbol.asyncDispose]();
  const { code, err } = await dlq(home, "list");
  assert.deepEqual([code, err], [0, "There are no dead letters.\n"]);
});

Deno.test("dlq show prints a row by its columns", async () => {
  await using home = await filledHome();
  const { code, out } = await dlq(home, "show", "3");
  assert.equal(code, 0);
  for (
    const line of [
      "id: 3",
      "source: meter",
      "  boot_epoch: 100",
      "  seq: 2",
      "    source_name: meter",
      "    value: 1000001",
    ]
  ) {
    assert.ok(out.split("\n").includes(line), `${line} in ${out}`);
  }
});

Deno.test("dlq show --json has the payload as text where it is text, and as base64 where it is not", async () => {
  await using home = await filledHome();
  const text = JSON.parse((await dlq(home, "show", "1", "--json")).out);
  const bytes = JSON.parse((await dlq(home, "show", "2", "--json")).out);
  assert.deepEqual([text.payload_encoding, text.payload], ["text", "no JSON \u001b[2J\u009b"]);
  assert.deepEqual([bytes.payload_encoding, bytes.payload], ["base64", BINARY_PAYLOAD.toBase64()]);
  const { out, err } = await dlq(home, "show", "2");
  assert.match(out, /^payload \(base64\): \/\/4A$/m, err);
});

Deno.test("dlq lets no control character of a device reach the terminal", async () => {
  await using home = await filledHome();
  for (const words of [["list"], ["list", "--json"], ["show", "1"], ["show", "1", "--json"]]) {
    const { out, err } = await dlq(home, ...words);
    assert.match(out, /It is no JSON/);
    assert.doesNotMatch(out + err, STEERING, words.join(" "));
  }
});

Deno.test("dlq shows of a letter that does not open that it is there, and ends with 1 when it was asked for", async () => {
  await using home = await filledHome();
  {
    using kv = await Deno.openKv(`${home.spool.directory}/spool.db`);
    await kv.set(["dead", 2], new Uint8Array(5));
  }
  const { code, out } = await dlq(home, "list", "--json");
  assert.deepEqual([code, objectsOf(out).length], [0, 3]);
  const shown = await dlq(home, "show", "2");
  assert.equal(shown.code, 1);
  assert.match(shown.out, /^id: 2\nsource: meter\nreason: It cannot be read/);
  const exported = await dlq(home, "export", "letters.ndjson");
  assert.equal(exported.code, 1);
  assert.match(exported.err, /^not readable, and in the file with id and source only: 1$/m);
});

Deno.test("dlq export writes all of them into a new file for its owner alone, and they stay in the spool", async () => {
  await using home = await filledHome();
  const before = await recordsOf(home);
  const { code, out } = await dlq(home, "export", "letters.ndjson");
  assert.deepEqual([code, out], [
    0,
    `dead letters written to ${home.path}/letters.ndjson: 3; they are still in the spool\n`,
  ]);
  const path = `${home.path}/letters.ndjson`;
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  const written = await Deno.readTextFile(path);
  assert.doesNotMatch(written, STEERING);
  const [row, bytes, text] = objectsOf(written);
  assert.equal(row.row.columns.value, 1000001);
  assert.equal(row.row.edge_id, "edge");
  assert.equal(bytes.payload, BINARY_PAYLOAD.toBase64());
  assert.equal(text.id, 1);
  assert.deepEqual(await recordsOf(home), before);
});

Deno.test("dlq export overwrites nothing, and writes nowhere but in the home directory", async () => {
  await using home = await filledHome();
  await Deno.writeTextFile(`${home.path}/kept`, "mine");
  await Deno.symlink("/tmp", `${home.path}/out`);
  const refused: readonly (readonly [file: string, says: RegExp])[] = [
    ["kept", /\/kept: it exists, and nothing is overwritten: name another\n$/],
    ["/tmp/dlq_elsewhere", /: it is not in the home directory /],
    [`${home.path}/../dlq_elsewhere`, /: it is not in the home directory /],
    ["../dlq_elsewhere", /: it is not in the home directory /],
    ["out/dlq_elsewhere", /\/out is a symbolic link: /],
    ["none/letters", /^Cannot write the dead letters to \S+\/none\/letters: No such file/],
  ];
  for (const [file, says] of refused) {
    const { code, out, err } = await dlq(home, "export", file);
    assert.deepEqual([code, out], [1, ""], file);
    assert.match(err, says);
  }
  assert.equal(await Deno.readTextFile(`${home.path}/kept`), "mine");
});

Deno.test("dlq export leaves no file when it is told to stop", async () => {
  await using home = await filledHome();
  const words = ["dlq", "export", "letters", "--home", home.path];
  const { code, err } = await outcomeOf(words, { stopping: AbortSignal.abort() });
  assert.equal(code, 1);
  assert.match(err, /letters: it was told to stop\n$/);
  assert.ok(![...Deno.readDirSync(home.path)].some(({ name }) => name === "letters"));
});

Deno.test("dlq purge deletes what is named and counts it; the ledger balances in the next start too", async () => {
  await using home = await filledHome();
  const { code, out } = await dlq(home, "purge", "1", "3", "3");
  assert.deepEqual([code, out], [0, "dead letters deleted, and counted as purged: 2\n"]);
  assert.deepEqual(objectsOf((await dlq(home, "list", "--json")).out).map(({ id }) => id), [2]);
  await using buffer = await home.spool.open();
  const { total, balanced } = buffer.ledger();
  assert.deepEqual([total.purged, total.dead_lettered, balanced], [2, 1, true]);
});

for (const change of ["INSERT", "UPDATE", "DELETE"]) {
  Deno.test(`dlq purge changes nothing when its ${change} fails: counters and letters go in one commit`, async () => {
    await using home = await filledHome();
    const before = await recordsOf(home);
    {
      using db = new DatabaseSync(`${home.spool.directory}/spool.db`);
      // Ends the transaction, as a full disk does.
      db.exec(`CREATE TRIGGER refusing BEFORE ${change} ON kv BEGIN SELECT RAISE(ROLLBACK, 'refused'); END`);
    }
    const { code, err } = await dlq(home, "purge", "--all");
    assert.equal(code, 1);
    assert.match(err, /^Cannot write to the spool: .+\n$/);
    assert.deepEqual(await recordsOf(home), before);
  });
}

Deno.test("dlq purge --all deletes more than one commit holds", async () => {
  await using home = await emptyHome();
  const reason = new DecodeError("not_json", "It is no JSON");
  {
    await using buffer = await home.spool.open({ isCompressed: false, maxDeadLetterBytes: 100e6 });
    for (let i = 0; i < 7; i++) {
      const payload = crypto.getRandomValues(new Uint8Array(i === 0 ? 65_000 : 10)); // the first is in two pieces
      const refusals = Array.from({ length: 100 }, () => ({ tag: "a", eventTimeUs: 0, payload, reason }));
      await (await buffer.accept({ readings: [], refusals, isWithheld: false }, meterRoute(), NEVER)).durable;
    }
  }
  const { out } = await dlq(home, "purge", "--all");
  assert.equal(out, "dead letters deleted, and counted as purged: 700\n");
  const left = (await recordsOf(home)).filter((record) => /"(dead|letter|part)"/.test(JSON.stringify(record)));
  assert.deepEqual(left, []);
  await using buffer = await home.spool.open();
  assert.deepEqual([buffer.ledger().total.purged, buffer.ledger().balanced], [700, true]);
});

Deno.test("dlq purge deletes nothing when an id is not there", async () => {
  await using home = await filledHome();
  const before = await recordsOf(home);
  const { code, err } = await dlq(home, "purge", "1", "9");
  assert.deepEqual([code, err], [1, "There is no dead letter 9: `dlq list` shows which there are\n"]);
  assert.deepEqual(await recordsOf(home), before);
});

Deno.test("dlq refuses words that it does not know", async () => {
  await using home = await filledHome();
  const misuses: readonly (readonly [words: string[], says: RegExp])[] = [
    [
      ["lst"],
      /^dlq cannot lst; there are:\n {2}dlq list .*\n {2}dlq show .*\n {2}dlq replay .*\n {2}dlq export .*\n {2}dlq purge /,
    ],
    [["list", "--limit", "0"], /^--limit must be a whole number from 1\.\n$/],
    [["show"], /^show needs a word more; there are:\n/],
    [["show", "x"], /^x is no id: /],
    [["show", "9", "--all"], /^show takes no --all; there are:\n/],
    [["purge"], /^Name the ids of the dead letters, or --all\.\n$/],
    [["purge", "1", "--all"], /^Name the ids of the dead letters, or --all\.\n$/],
    [["purge", "1", "x"], /^x is no id: nothing was changed\.\n$/],
  ];
  const before = await recordsOf(home);
  for (const [words, says] of misuses) {
    const { code, out, err } = await dlq(home, ...words);
    assert.deepEqual([code, out], [64, ""], words.join(" "));
    assert.match(err, says);
  }
  assert.deepEqual(await recordsOf(home), before);
  assert.match((await dlq(home, "show", "9")).err, /^There is no dead letter 9: /);
});
