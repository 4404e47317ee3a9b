/** Several dead letters at once: chosen by ids or by a filter, told step by step, and named in the audit. */
import assert from "node:assert/strict";
import { type ApiStand, apiStand } from "../../../tests/fakes/api_stand.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import type { FoundLetter } from "../../buffer/spool/mod.ts";

const LINES = { accept: "application/x-ndjson" };

function letter(id: number, source: string): FoundLetter {
  const content = { payload: new TextEncoder().encode("{") };
  const about = { tag: "a", table: "main.plant.t", code: "bad_json", reason: "It is no JSON." };
  return { id, source, letter: { id, time: 1_700_000_000_000_000, source, ...about, content } };
}

/** Letters 9 and 7 of the source line, 8 of press, and one of press that cannot be read. */
async function stand(options: Parameters<typeof apiStand>[0] = {}): Promise<ApiStand> {
  const it = await apiStand(options);
  it.tools.found = [
    letter(9, "line"),
    letter(8, "press"),
    letter(7, "line"),
    { id: 5, source: "press", letter: undefined },
  ];
  return it;
}

/** The newest first. */
function entries({ access }: ApiStand, action: string) {
  return [...access.audit.newest()].filter((each) => each.action === action);
}

function newest(it: ApiStand, action: string): unknown[] {
  return entries(it, action).map(({ target, detail }) => [target, detail]);
}

const purgedIds = ({ tools }: ApiStand) =>
  tools.done.filter(({ what }) => what === "purge").flatMap((each) => each.with);

Deno.test("POST /api/dlq/purge deletes the letters of a filter, or those that were named, and the audit says which", async () => {
  await using it = await stand();
  const admin = await it.login("administrator");
  const purge = async (body: unknown) => (await admin("POST", "/api/dlq/purge", { body })).body;
  assert.deepEqual(await purge({ filter: { source: "line" } }), { letters: 2, left: 0 });
  assert.deepEqual(purgedIds(it), [9, 7]);
  assert.deepEqual(await purge({ ids: [8, 8, 5] }), { letters: 2, left: 0 });
  assert.deepEqual(purgedIds(it), [9, 7, 8, 5]);
  assert.equal((await purge({})).code, "invalid_request");
  assert.equal((await purge({ ids: [1], filter: {} })).code, "invalid_request");
  assert.deepEqual(newest(it, "dlq.purge"), [
    ["letters 8 8 5", { letters: 2, left: 0 }],
    ["letters 8 8 5", { state: "asked" }],
    ["source=line", { letters: 2, left: 0 }],
    ["source=line", { state: "asked" }],
  ]);
});

Deno.test("POST /api/dlq/purge deletes bit by bit, tells how far it is, and stops when its client leaves", async () => {
  await using it = await apiStand();
  it.tools.found = Array.from({ length: 250 }, (_, i) => letter(i + 1, "line"));
  const admin = await it.login("administrator");
  const { body } = await admin("POST", "/api/dlq/purge", { body: { ids: "all" }, headers: LINES });
  assert.deepEqual(body.trim().split("\n").map((line: string) => JSON.parse(line)), [
    { kind: "progress", done: 100, of: 250 },
    { kind: "progress", done: 200, of: 250 },
    { kind: "progress", done: 250, of: 250 },
    { kind: "end", letters: 250, left: 0, error: null },
  ]);
});

Deno.test("POST /api/dlq/replay sends those of a filter again, tells how far it is, and how many stay and why", async () => {
  await using it = await stand();
  const operator = await it.login("operator");
  const { body } = await operator("POST", "/api/dlq/replay", { body: { filter: { source: "press" } }, headers: LINES });
  const lines = body.trim().split("\n").map((line: string) => JSON.parse(line));
  assert.deepEqual(lines.slice(0, 2).map(({ done, of }: { done: number; of: number }) => [done, of]), [[1, 2], [2, 2]]);
  const { failures, ...end } = lines.at(-1);
  assert.deepEqual([failures.length, end], [2, { kind: "end", letters: 0, rows: 0, stayed: 2, left: 0, error: null }]);
  assert.deepEqual(newest(it, "dlq.replay")[0], ["source=press", { letters: 0, rows: 0, stayed: 2, left: 0 }]);
});

Deno.test("GET /api/dlq/export gives the letters of a filter, or those that were named", async () => {
  await using it = await stand();
  const viewer = await it.login("viewer");
  const ids = async (query: string) => {
    const { body } = await viewer("GET", `/api/dlq/export?${query}`);
    return body.trim().split("\n").map((line: string) => JSON.parse(line).id);
  };
  assert.deepEqual(await ids("source=line"), [9, 7]);
  assert.deepEqual(await ids("ids=5,9,77"), [9, 5]);
  assert.deepEqual(await ids(""), [9, 8, 7, 5]);
  for (const query of ["ids=1&source=line", "ids=x", "after=yesterday"]) {
    assert.equal((await viewer("GET", `/api/dlq/export?${query}`)).body.code, "invalid_request", query);
  }
});

Deno.test("The audit names the letters and filters that somebody looked at, in two lines for five minutes", async () => {
  const clock = new FakeClock();
  await using it = await stand({ clock });
  const viewer = await it.login("viewer");
  for (const path of ["dlq?source=line", "dlq/7", "dlq/8", "dlq/8", "dlq"]) await viewer("GET", `/api/${path}`);
  for (let id = 100; id < 150; id++) await viewer("GET", `/api/dlq/export?ids=${id}`);
  await clock.advance(300_000);
  await viewer("GET", "/api/dlq/9");
  const which = (action: string) => entries(it, action).map(({ detail }) => [detail.which, detail.more_times]);
  assert.deepEqual(which("dlq.read"), [
    ["letter 9", undefined],
    ["letter 7, letter 8, list", 4],
    ["source=line", undefined],
  ]);
  const [counted, first] = which("dlq.export");
  assert.deepEqual([first, counted?.[1]], [["letter 100", undefined], 49]);
  assert.match(String(counted?.[0]), /^letter 101, letter 102, .*letter 120, and others$/);
});
