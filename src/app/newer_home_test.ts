/** Homes of other versions: an older one opens with its rows, a newer one is refused and stays as it is. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import v8 from "node:v8";
import { outcomeOf } from "../../tests/fakes/terminal.ts";
import { eventually } from "../../tests/wait.ts";

const OLD = new URL("../../tests/fixtures/home_0.1.0", import.meta.url).pathname;

/** A copy of the home that version 0.1.0 has left: eight rows wait, there are three dead letters, and settings of the pages. */
async function oldHome(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "old_home_" });
  await cp(OLD, path, { recursive: true });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** The content of every file, by path. */
function filesOf(folder: string, prefix = ""): Record<string, string> {
  const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  return Object.assign(
    {},
    ...entries.map(({ name, isDirectory }) =>
      isDirectory
        ? filesOf(`${folder}/${name}`, `${prefix}${name}/`)
        : { [`${prefix}${name}`]: createHash("sha256").update(Deno.readFileSync(`${folder}/${name}`)).digest("hex") }
    ),
  );
}

Deno.test("A home of version 0.1.0 opens with its settings, and its rows arrive", async () => {
  await using home = await oldHome();
  const stopping = new AbortController();
  const running = outcomeOf(["run", "--home", home.path], { stopping: stopping.signal });
  await eventually("its rows are in the local file", () => countIn(`${home.path}/data/local.db`) === 8);
  stopping.abort();
  const { code, out } = await running;
  assert.equal(code, 0);
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.find(({ message }) => message === "The connector starts")?.edge_id, edgeIdIn(OLD));
  const { balanced, written, dead_lettered } = lines.at(-1);
  assert.deepEqual([balanced, written, dead_lettered], [true, 9, 3]);
  assert.match((await outcomeOf(["check", "--home", home.path])).out, /instance_id: edge-7/);
});

/** Rows of all tables; 0 where there is no file yet. */
function countIn(path: string): number {
  try {
    using db = new DatabaseSync(path, { readOnly: true });
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map(({ name }) =>
      String(name)
    );
    return tables.reduce((sum, name) => sum + Number(db.prepare(`SELECT count(*) AS n FROM "${name}"`).get()?.n), 0);
  } catch {
    return 0;
  }
}

function edgeIdIn(home: string): string {
  return JSON.parse(Deno.readTextFileSync(`${home}/identity.json`)).edge_id;
}

/** Makes a home one that a newer version has used. */
const NEWER: Readonly<
  Record<string, { readonly change: (home: string) => void; readonly code: number; readonly says: RegExp }>
> = {
  spool: {
    change: (home) => {
      using db = new DatabaseSync(`${home}/spool/spool.db`);
      const key = new Uint8Array([2, ...new TextEncoder().encode("meta"), 0]);
      const meta = v8.deserialize(db.prepare("SELECT v FROM kv WHERE k = ?").get(key)?.v as Uint8Array); // a BLOB
      db.prepare("UPDATE kv SET v = ? WHERE k = ?").run(v8.serialize({ ...meta, format: 2 }), key);
    },
    code: 1,
    says: /has format 2, and this version of the connector knows 1: a newer version has used this home/,
  },
  identity: {
    change: (home) => replace(`${home}/identity.json`, `"version":1`, `"version":2`),
    code: 1,
    says: /identity\.json was written by a newer connector: start that version/,
  },
  "state of the pages": {
    change: (home) => replace(`${home}/config/connector_state.json`, `"version": 1`, `"version": 2`),
    code: 78,
    says: /was written by a newer connector: use that version/,
  },
  configuration: {
    change: (home) => replace(`${home}/config/connector.yaml`, "version: 1", "version: 2"),
    code: 78,
    says: /written for a newer connector/,
  },
};

function replace(path: string, from: string, to: string): void {
  const text = Deno.readTextFileSync(path);
  assert.ok(text.includes(from), text);
  Deno.writeTextFileSync(path, text.replace(from, to));
}

for (const [what, { change, code, says }] of Object.entries(NEWER)) {
  Deno.test(`A home whose ${what} a newer version has written is refused, and left as it is`, async () => {
    await using home = await oldHome();
    change(home.path);
    const before = filesOf(home.path);
    const outcome = await outcomeOf(["run", "--home", home.path]);
    assert.equal(outcome.code, code, outcome.out);
    assert.match(outcome.err, says);
    assert.deepEqual(filesOf(home.path), before);
  });
}
