import assert from "node:assert/strict";
import { answerTo } from "../../tests/fakes/channel.ts";
import { runningHome } from "../../tests/fakes/running_home.ts";
import { eventually } from "../../tests/wait.ts";

const LEVEL = { lane: "main.bronze.meter#m", rows: 5, bytes: 100, oldestUs: 1e6 };

Deno.test("A command is done by the connector that runs, whose home needs no configuration of its own", async () => {
  await using home = await runningHome();
  home.tools.held = [LEVEL];
  home.tools.counted.count("meter", "received", 1);
  const { code, out, err } = await home.run(["spool", "stat", "--json"]);
  assert.deepEqual([code, err], [0, ""]);
  const { rows, balanced } = JSON.parse(out);
  assert.deepEqual([rows, balanced], [5, false]);
});

Deno.test("spool verify beside a connector names what is damaged, and tells how far it is", async () => {
  await using home = await runningHome();
  home.tools.held = [LEVEL];
  home.tools.checked = [{ kind: "chunk", name: "c", rows: 3 }, {
    kind: "chunk",
    name: "d",
    rows: 2,
    fault: "gone\u001b",
  }];
  const told: unknown[] = [];
  const { code, out } = await home.run(["spool", "verify"], {
    isWatched: true,
    onProgress: (at) => void told.push(at),
  });
  assert.equal(code, 1);
  assert.equal(
    out,
    "not readable: d (2 still to be sent): gone\ufffd\nreadable: rows 3, chunks 1, dead letters 0\ndamaged: 1\n",
  );
  assert.deepEqual(told[0], { done: 3, of: 5, unit: "rows" });
});

Deno.test("Ctrl-C at a command stops it in the connector", async () => {
  await using home = await runningHome();
  const stop = new AbortController();
  home.tools.checked = Array.from({ length: 1000 }, (_, i) => ({ kind: "chunk", name: `c${i}`, rows: 1 }));
  let read = 0;
  const go = Promise.withResolvers<void>();
  home.tools.pace = () => ++read < 10 ? Promise.resolve() : go.promise;
  const outcome = home.run(["spool", "verify"], { stopping: stop.signal });
  await eventually("it is at work", () => read === 10);
  stop.abort();
  await eventually("the connector knows", () => home.terminals[0]?.stopping.aborted);
  go.resolve();
  assert.deepEqual(await outcome, { code: 1, out: "", err: "It was told to stop before everything was read.\n" });
  assert.ok(read < 1000);
});

Deno.test("dlq purge and keys rotate act on the connector's spool, and its log tells of them", async () => {
  await using home = await runningHome();
  home.tools.found = [1, 2].map((id) => ({ id, source: "meter", letter: undefined }));
  assert.equal((await home.run(["dlq", "purge", "2"])).out, "dead letters deleted, and counted as purged: 1\n");
  const { code, out } = await home.run(["keys", "rotate"]);
  assert.equal(code, 0);
  assert.match(
    out,
    /^The spool is sealed with a new key, 0a1b2c3d, from now on\. Back up certs\/spool_encryption\.key/,
  );
  await home.run(["dlq", "list"]);
  assert.deepEqual(home.tools.done, [{ what: "purge", with: [2] }, { what: "rotateKey", with: [] }]);
  assert.deepEqual(home.told, [["dlq purge", 0], ["keys rotate", 0]]);
});

Deno.test("What fails in the connector is told to who asked, and ends with 1", async () => {
  await using home = await runningHome();
  assert.deepEqual(await home.run(["dlq", "show", "7"]), {
    code: 1,
    out: "",
    err: "There is no dead letter 7: `dlq list` shows which there are\n",
  });
});

Deno.test("The log tells of what changes something or lets data out: which file, how many ids, what came of it", async () => {
  await using home = await runningHome();
  home.tools.found = [1, 2].map((id) => ({ id, source: "meter", letter: undefined }));
  home.tools.steps = [{ done: 5, of: 5 }];
  home.tools.refused.set(2, "no");
  await Deno.writeTextFile(`${home.home}/new\u001b`, "secret");
  for (
    const words of [
      ["dlq", "export", "letters"],
      ["dlq", "export", "run/letters"],
      ["dlq", "purge", "--all"],
      ["dlq", "purge", "1", "2"],
      ["dlq", "replay", "1", "2"],
      ["dlq", "replay", "2", "--payload-file", "new\u001b"],
      ["dlq", "replay", "2", "--set", "value=secret"],
      ["spool", "export", `${"long/".repeat(100)}rows`],
      ["spool", "import", "rows"],
      ["keys", "rotate"],
      ["dlq", "list"],
      ["dlq", "show", "1"],
      ["spool", "gaps"],
    ]
  ) await home.run(words);
  assert.deepEqual(home.details.map((each, i) => [home.told[i]?.[0], each]), [
    ["dlq export", { file: "letters", letters: 2 }],
    ["dlq export", { file: "run/letters" }],
    ["dlq purge", { ids: "all", letters: 2 }],
    ["dlq purge", { ids: 2, letters: 2 }],
    ["dlq replay", { ids: 2, letters: 0, rows: 0 }],
    ["dlq replay", { ids: 1, file: "new\ufffd", letters: 0, rows: 0 }],
    ["dlq replay", { ids: 1, letters: 0, rows: 0 }],
    ["spool export", { file: `${"long/".repeat(40)}…`, rows: 5 }],
    ["spool import", { file: "rows", rows: 0 }],
    ["keys rotate", { key: "0a1b2c3d" }],
  ]);
  assert.ok(home.told.some(([words, code]) => words === "dlq export" && code === 1));
});

const UNKNOWN = /^\{"err":"The connector that runs does not know this command: .+"\}\n\{"exit":64\}\n$/;
const STRANGE: readonly (readonly [what: string, request: object, says: RegExp])[] = [
  ["a command that is not for it", { words: ["run"], flags: {} }, UNKNOWN],
  ["no command", { words: [], flags: {} }, UNKNOWN],
  ["a flag that there is not", { words: ["dlq", "list"], flags: { home: "/" } }, UNKNOWN],
  ["a flag that every object has", { words: ["dlq", "list"], flags: { constructor: "/" } }, UNKNOWN],
  ["a flag of another type", { words: ["dlq", "purge", "1"], flags: { all: "yes" } }, UNKNOWN],
  ["a flag that cannot be repeated", { words: ["dlq", "list"], flags: { limit: ["1", "2"] } }, UNKNOWN],
  ["a verb that there is not", { words: ["dlq", "eat"], flags: {} }, /dlq cannot eat/],
  ["a flag of another verb", { words: ["dlq", "purge", "1"], flags: { limit: "1" } }, /purge takes no --limit/],
];

for (const [what, request, says] of STRANGE) {
  Deno.test(`A request for ${what} is refused with 64, and nothing is done`, async () => {
    await using home = await runningHome();
    const line = JSON.stringify({ isWatched: false, ...request });
    const answer = await answerTo(home, `${line}\n`);
    assert.match(answer, says);
    assert.match(answer, /\n\{"exit":64\}\n$/);
    assert.deepEqual(home.tools.done, []);
  });
}
