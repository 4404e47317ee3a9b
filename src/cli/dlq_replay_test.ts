import assert from "node:assert/strict";
import { type RunningHome, runningHome } from "../../tests/fakes/running_home.ts";
import { eventually } from "../../tests/wait.ts";
import { SpoolFullError } from "../core/error.ts";

/** Letters of rows, the newest first. */
async function homeWithLetters(ids: readonly number[]): Promise<RunningHome> {
  const home = await runningHome();
  const row = { lane: "a.b.c#d", edgeId: "e", bootEpoch: 1, seq: 1, source: "m", tag: "t", bytes: new Uint8Array() };
  const letter = { time: 0, source: "m", tag: "t", table: "a.b.c", code: "refused", reason: "no", content: { row } };
  home.tools.found = ids.map((id) => ({ id, source: "m", letter: { ...letter, id } }));
  return home;
}

const replayed = ({ tools }: RunningHome) => tools.done.map(({ with: [id] }) => id);

Deno.test("dlq replay sends those that are named, or all, the oldest first", async () => {
  await using home = await homeWithLetters([3, 2, 1]);
  assert.deepEqual(await home.run(["dlq", "replay", "3", "1", "3"]), {
    code: 0,
    out: "dead letters sent again: 2; rows that they became: 2\n",
    err: "",
  });
  await home.run(["dlq", "replay", "--all"]);
  assert.deepEqual(replayed(home), [1, 3, 1, 2, 3]);
  assert.deepEqual(home.told, [["dlq replay", 0], ["dlq replay", 0]]);
});

Deno.test("dlq replay goes on behind a letter that cannot go, says why it stays and ends with 1", async () => {
  await using home = await homeWithLetters([3, 2, 1]);
  home.tools.refused.set(2, "Dead letter 2 stays\u001b[2J");
  const { code, out, err } = await home.run(["dlq", "replay", "--all"]);
  assert.deepEqual([code, replayed(home)], [1, [1, 3]]);
  assert.equal(out, "dead letters sent again: 2; rows that they became: 2\n");
  assert.equal(err, "Dead letter 2 stays\ufffd[2J\n");
});

Deno.test("dlq replay ends at a full spool, and says how many it did not look at", async () => {
  await using home = await homeWithLetters([3, 2, 1]);
  const replay = home.tools.replay.bind(home.tools);
  home.tools.replay = (id) => id === 2 ? Promise.reject(new SpoolFullError("spool_full", "It is full")) : replay(id);
  const { code, err } = await home.run(["dlq", "replay", "--all"]);
  assert.deepEqual([code, replayed(home), err], [1, [1], "It is full\nnot looked at: 1\n"]);
});

Deno.test("dlq replay stops between two letters, and tells how far it is meanwhile", async () => {
  await using home = await homeWithLetters([3, 2, 1]);
  const [stop, go] = [new AbortController(), Promise.withResolvers<void>()];
  const replay = home.tools.replay.bind(home.tools);
  let isAtSecond = false;
  home.tools.replay = async (id) => {
    isAtSecond = id === 2;
    if (isAtSecond) await go.promise;
    return await replay(id);
  };
  const told: unknown[] = [];
  const options = { stopping: stop.signal, isWatched: true, onProgress: (at: unknown) => void told.push(at) };
  const outcome = home.run(["dlq", "replay", "--all"], options);
  await eventually("it is at the second", () => isAtSecond);
  stop.abort();
  await eventually("the connector knows", () => home.terminals[0]?.stopping.aborted);
  go.resolve();
  const { code, err } = await outcome;
  assert.deepEqual([code, replayed(home), err], [1, [1, 2], "not looked at: 1\n"]);
  assert.deepEqual(told[0], { done: 1, of: 3, unit: "dead letters" });
});

const MISUSES: readonly (readonly [words: string[], says: string])[] = [
  [[], "Name the ids of the dead letters, or --all."],
  [["1", "--all"], "Name the ids of the dead letters, or --all."],
  [["1", "x"], "x is no id: nothing was changed."],
  [["1", "2", "--set", "a=1"], "--set and --payload-file change one dead letter: name its id alone."],
  [["--all", "--set", "a=1"], "--set and --payload-file change one dead letter: name its id alone."],
  [["1", "--set", "a"], "--set a is not of the form COLUMN=VALUE."],
  [["1", "--set", "a=1", "--set", "a=2"], "--set names a twice."],
  [["1", "--set", "a=1", "--payload-file", "f"], "--set changes a row and --payload-file a message: name one of them."],
];

for (const [words, says] of MISUSES) {
  Deno.test(`dlq replay ${words.join(" ")} is refused, and nothing is sent`, async () => {
    await using home = await homeWithLetters([1, 2]);
    const { code, err } = await home.run(["dlq", "replay", ...words]);
    assert.deepEqual([code, err, home.tools.done], [64, `${says}\n`, []]);
  });
}
