/** A spool looked after by the API: seen, verified, and carried from one connector to another. */
import assert from "node:assert/strict";
import { type ApiStand, apiStand, type AskOptions, type Client } from "../../../tests/fakes/api_stand.ts";
import { loadText } from "../../../tests/fakes/config_file.ts";
import { fakeRoute, handover } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { eventually } from "../../../tests/wait.ts";
import type { SpoolBuffer } from "../../buffer/spool/mod.ts";
import { runningWorkplace } from "../../service/workplace.ts";
import { LOCAL_PEER } from "../peer.ts";

const NEVER = new AbortController().signal;
const PASSPHRASE = "über the fence we go";
const LINES = { accept: "application/x-ndjson" };
const FILE = { "content-type": "application/octet-stream" };

interface Site extends AsyncDisposable {
  readonly it: ApiStand;
  readonly buffer: SpoolBuffer;
  readonly home: SpoolHome;
  readonly admin: Client & { readonly cookie: string; readonly csrf: string };
}

/** A connector with a spool of so many rows, and an administrator of it. */
async function site(rows = 0): Promise<Site> {
  await using made = new AsyncDisposableStack();
  const home = made.use(new SpoolHome());
  const buffer = made.use(await home.open());
  const loaded = await loadText("version: 1\nlocal_sink: { enabled: true }\n");
  const it = made.use(
    await apiStand({ workplace: () => runningWorkplace({ home: home.path, loaded }, buffer.tools) }),
  );
  if (rows > 0) await (await buffer.accept(handover(rows, 0), fakeRoute(), NEVER)).durable;
  const admin = await it.login("administrator");
  const all = made.move();
  return { it, buffer, home, admin, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

function linesOf(body: string): Record<string, unknown>[] {
  return body.trim().split("\n").map((line) => JSON.parse(line));
}

const endOf = (body: string) => linesOf(body).at(-1)!;

/** The answer's bytes as they are. */
async function raw({ it, admin }: Site, method: string, path: string, { body, headers = {} }: AskOptions = {}) {
  const request = new Request(`http://localhost:8080${path}`, {
    method,
    headers: {
      host: "localhost:8080",
      cookie: `iot_session_8080=${admin.cookie}`,
      "x-csrf": admin.csrf,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return await it.fetch(request, LOCAL_PEER);
}

/** The newest first. */
function audited({ it }: Site, action: string): unknown[] {
  const found = [...it.access.audit.newest()].filter((entry) => entry.action === action);
  return found.map(({ target, detail }) => [target, detail]);
}

Deno.test("GET /api/spool says what the spool holds, what it is sealed with, and what room there is", async () => {
  await using at = await site(10);
  const { body } = await at.admin("GET", "/api/spool");
  assert.deepEqual([body.rows, body.keys.length, body.keys[0].is_current], [10, 1, true]);
  assert.ok(body.free_disk_bytes > 0 && body.bytes > 0 && body.oldest !== null);
});

Deno.test("GET /api/spool/gaps sums up the numbers that will not arrive", async () => {
  await using at = await site(10);
  await at.admin("POST", "/api/spool/export", { body: {}, headers: LINES });
  const { table } = fakeRoute().lane;
  const { body: { items } } = await at.admin("GET", "/api/spool/gaps");
  assert.deepEqual(items.map((each: { latest: string }) => ({ ...each, latest: typeof each.latest })), [
    { table, reason: "exported", numbers: 10, latest: "string" },
  ]);
});

Deno.test("POST /api/spool/verify tells how far it is, what is damaged, and what there is", async () => {
  await using it = await apiStand();
  it.tools.held = [{ lane: "t", rows: 9, bytes: 9, oldestUs: undefined }];
  it.tools.checked = [
    { kind: "chunk", name: "chunk one", rows: 6 },
    { kind: "chunk", name: "chunk two", rows: 3, fault: "it does not open" },
  ];
  const admin = await it.login("administrator");
  const lines = linesOf((await admin("POST", "/api/spool/verify")).body);
  assert.deepEqual(lines, [
    { kind: "progress", done: 6, of: 9 },
    { kind: "progress", done: 9, of: 9 },
    { kind: "fault", name: "chunk two", rows: 3, reason: "it does not open" },
    { kind: "end", rows: 6, chunks: 1, letters: 0, faults: 1, error: null },
  ]);
});

Deno.test("One long work at a time is done with the spool, and whoever leaves ends it", async () => {
  await using it = await apiStand();
  it.tools.checked = [{ kind: "chunk", name: "a", rows: 1 }, { kind: "chunk", name: "b", rows: 1 }];
  const step = Promise.withResolvers<void>();
  it.tools.pace = () => step.promise;
  const admin = await it.login("administrator");
  const left = new AbortController();
  const headers = { host: "localhost:8080", cookie: `iot_session_8080=${admin.cookie}`, "x-csrf": admin.csrf };
  const request = new Request("http://localhost:8080/api/spool/verify", {
    method: "POST",
    headers,
    signal: left.signal,
  });
  const answer = await it.fetch(request, LOCAL_PEER);
  for (const path of ["verify", "export", "import"]) {
    const asked = { body: path === "import" ? "x" : {}, headers: path === "import" ? FILE : {} };
    const { status, body: { code } } = await admin("POST", `/api/spool/${path}`, asked);
    assert.deepEqual([path, status, code], [path, 409, "busy"]);
  }
  left.abort();
  step.resolve();
  assert.deepEqual(endOf(await answer.text()).error, {
    code: "stopped",
    message: "Nobody waited for its end, so it was stopped",
  });
  assert.equal((await admin("POST", "/api/spool/verify")).status, 200);
});

Deno.test("Rows are carried out with a passphrase, downloaded, and taken in elsewhere once", async () => {
  await using from = await site(250);
  await using to = await site();
  const told = await from.admin("POST", "/api/spool/export", { body: { passphrase: PASSPHRASE }, headers: LINES });
  const { file, rows, bytes, error } = endOf(told.body);
  assert.deepEqual([rows, error, from.buffer.ledger().total.exported], [250, null, 250]);
  const answer = await raw(from, "GET", `/api/spool/exports/${file}`);
  assert.equal(answer.headers.get("content-length"), String(bytes));
  assert.equal(answer.headers.get("content-disposition"), `attachment; filename="${file}"`);
  const carried = await answer.bytes();
  assert.equal(carried.length, bytes);
  assert.deepEqual(audited(from, "spool.export")[0], [file, { rows, bytes }]);

  const headers = { ...FILE, "x-passphrase": encodeURIComponent(PASSPHRASE) };
  const wrong = { ...FILE, "x-passphrase": "another one entirely" };
  const refused = await to.admin("POST", "/api/spool/import", { body: carried, headers: wrong });
  assert.deepEqual([refused.status, refused.body.title], [422, "Cannot take in the file: the passphrase is another"]);
  const half = await to.admin("POST", "/api/spool/import", { body: carried.slice(0, -9), headers });
  assert.match(JSON.stringify(endOf(half.body).error), /the file: it is not whole: copy it again/);
  assert.equal(to.buffer.ledger().total.received, 0);
  const taken = endOf((await to.admin("POST", "/api/spool/import", { body: carried, headers })).body);
  assert.deepEqual([taken.rows, taken.error, to.buffer.ledger().total.spooled], [250, null, 250]);
  const again = await to.admin("POST", "/api/spool/import", { body: carried, headers });
  assert.deepEqual([again.status, again.body.code], [409, "imported_before"]);
  assert.match(again.body.title, /^the file was taken in before, on /);
  assert.deepEqual(audited(to, "spool.import")[2], ["the file", { rows: 250, bytes }]);
  const there = [...Deno.readDirSync(to.home.directory)].map(({ name }) => name);
  assert.ok(!there.includes("upload.part"), String(there));
});

Deno.test("POST /api/spool/export gives the file itself to who asks for no lines, and keeps it until it is deleted", async () => {
  await using at = await site(20);
  const answer = await raw(at, "POST", "/api/spool/export", { body: {} });
  const [, file] = /filename="(.+)"/.exec(answer.headers.get("content-disposition") ?? "") ?? [];
  assert.match(file ?? "", /^spool_\d{8}T\d{6}Z\.rows$/);
  const bytes = await answer.bytes();
  assert.deepEqual(bytes, await Deno.readFile(`${at.home.path}/export/${file}`));
  const { body: { items } } = await at.admin("GET", "/api/spool/exports");
  assert.deepEqual(items.map(({ name, bytes }: { name: string; bytes: number }) => [name, bytes]), [[
    file,
    bytes.length,
  ]]);
  assert.equal((await at.admin("DELETE", `/api/spool/exports/${file}`)).status, 204);
  assert.equal((await at.admin("GET", `/api/spool/exports/${file}`)).body.code, "no_carried_file");
  assert.deepEqual(audited(at, "spool.discard")[0], [file, {}]);
});

Deno.test("No other file of the folder is listed, given or deleted", async () => {
  await using at = await site(1);
  await Deno.mkdir(`${at.home.path}/export`);
  await Deno.writeTextFile(`${at.home.path}/export/home.backup`, "secret");
  await Deno.symlink(
    `${at.home.path}/certs/spool_encryption.key`,
    `${at.home.path}/export/spool_20260101T000000Z.rows`,
  );
  assert.deepEqual((await at.admin("GET", "/api/spool/exports")).body.items, []);
  const names = ["home.backup", "..%2fcerts%2fspool_encryption.key", "spool_20260101T000000Z.rows"];
  for (const name of names) {
    for (const method of ["GET", "DELETE"]) {
      const { status } = await at.admin(method, `/api/spool/exports/${name}`);
      assert.ok(status === 404 || status === 422, `${method} ${name}: ${status}`);
    }
  }
  assert.ok(await Deno.stat(`${at.home.path}/export/home.backup`));
});

Deno.test("A passphrase that is too short is refused before a row leaves, and the audit says so", async () => {
  await using at = await site(5);
  const { status, body } = await at.admin("POST", "/api/spool/export", {
    body: { passphrase: "short" },
    headers: LINES,
  });
  assert.deepEqual([status, body.code], [422, "export_failed"]);
  assert.equal(at.buffer.ledger().total.spooled, 5);
  await eventually("it is noted", () => audited(at, "spool.export").length > 1);
  assert.match(JSON.stringify(audited(at, "spool.export")), /fewer than 12 characters/);
});

Deno.test("An upload is refused that says it is larger than the spool takes, that is larger, or of another type", async () => {
  await using at = await site();
  const ask = async (headers: Record<string, string>) =>
    await at.admin("POST", "/api/spool/import", { body: "x".repeat(50), headers });
  assert.equal((await ask({ ...FILE, "content-length": "999999999999999" })).body.code, "upload_too_large");
  assert.equal((await ask({ "content-type": "text/plain" })).body.code, "wrong_media_type");
  assert.equal((await ask({ ...FILE, "x-passphrase": "%zz" })).body.code, "invalid_request");
  assert.equal((await ask(FILE)).body.title, "Cannot take in the file: it is no file that `spool export` made");
});
