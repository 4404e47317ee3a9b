import assert from "node:assert/strict";
import { AuthError, ConfigError, ConnectionError } from "../../core/error.ts";
import { Secret } from "../../lib/secret.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { TableColumns } from "./columns.ts";
import type { ZerobusEvent } from "./event.ts";
import type { HttpAnswer, Requests } from "./http.ts";
import { TokenCache } from "./token.ts";

const NEVER = new AbortController().signal;
const DOWN = new ConnectionError("workspace_unreachable", "down");

/** A workspace that grants every token (`t1`, `t2`, …) and answers for tables as told. */
class FakeWorkspace implements Requests {
  readonly seen: string[] = [];
  answer: (token: string) => HttpAnswer | Error = () => DOWN;
  isDown = false;
  #tokens = 0;

  request(url: URL, init: RequestInit): Promise<HttpAnswer> {
    if (this.isDown) return Promise.reject(DOWN);
    if (init.method === "POST") {
      const text = JSON.stringify({ access_token: `t${++this.#tokens}`, expires_in: 3600 });
      return Promise.resolve({ status: 200, text });
    }
    const token = new Headers(init.headers).get("authorization") ?? "";
    this.seen.push(`${url.pathname} ${token}`);
    const answer = this.answer(token);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }
}

async function withColumns(
  run: (
    at: { columns: TableColumns; http: FakeWorkspace; log: FakeLogger; events: ZerobusEvent[]; dir: string },
  ) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const http = new FakeWorkspace();
    const events: ZerobusEvent[] = [];
    const report = (event: ZerobusEvent) => void events.push(event);
    const log = new FakeLogger();
    const workspace = new URL("https://ws.example");
    const secret = new Secret("s");
    const endpoint = new URL("/token", workspace);
    const clock = new FakeClock();
    const tokens = new TokenCache({
      endpoint,
      workspaceId: "1",
      clientId: "i",
      clientSecret: secret,
      http,
      clock,
      report,
    });
    const columns = new TableColumns({ workspace, http, tokens, home: dir, log, report });
    await run({ columns, http, log, events, dir });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const TABLE: HttpAnswer = {
  status: 200,
  text: JSON.stringify({
    name: "t",
    columns: [
      { name: "b", type_text: "varchar(20)", type_name: "STRING", nullable: false, position: 1 },
      { name: "a", type_name: "LONG", position: 0 },
    ],
  }),
};
const KNOWN = [{ name: "a", type: "bigint", isNullable: true }, { name: "b", type: "varchar(20)", isNullable: false }];

Deno.test("TableColumns reads the columns in their order", () =>
  withColumns(async ({ columns, http }) => {
    http.answer = () => TABLE;
    assert.deepEqual(await columns.read("c.s.t", NEVER), { from: "unity_catalog", columns: KNOWN });
    assert.deepEqual(http.seen, ["/api/2.1/unity-catalog/tables/c.s.t Bearer t1"]);
  }));

Deno.test("TableColumns serves what is on disk while the workspace cannot be reached, and nothing else does", () =>
  withColumns(async ({ columns, http }) => {
    http.answer = () => TABLE;
    await columns.read("c.s.t", NEVER);
    http.isDown = true;
    assert.deepEqual(await columns.read("c.s.t", NEVER), { from: "disk", columns: KNOWN });
    await assert.rejects(columns.read("c.s.other", NEVER), ConnectionError);
    http.isDown = false;
    http.answer = () => ({ status: 503, text: "" });
    assert.equal((await columns.read("c.s.t", NEVER)).from, "disk");
    http.answer = () => ({ status: 404, text: "" });
    await assert.rejects(columns.read("c.s.t", NEVER), ConfigError);
  }));

Deno.test("TableColumns does not trust a damaged file", () =>
  withColumns(async ({ columns, http, dir }) => {
    await Deno.mkdir(`${dir}/state/columns`, { recursive: true });
    await Deno.writeTextFile(`${dir}/state/columns/ws.example.c.s.t.json`, '{"columns":[{');
    http.isDown = true;
    await assert.rejects(columns.read("c.s.t", NEVER), ConnectionError);
  }));

Deno.test("TableColumns falls back to the published columns where reading is forbidden, and says so once", () =>
  withColumns(async ({ columns, http, log }) => {
    http.answer = () => ({ status: 403, text: "" });
    assert.deepEqual(await columns.read("c.s.t", NEVER), { from: "bundled" });
    assert.deepEqual(await columns.read("c.s.t", NEVER), { from: "bundled" });
    assert.equal(log.lines.length, 1);
    assert.match(log.lines[0]?.message ?? "", /GRANT/);
  }));

Deno.test("TableColumns tries a refused token once more with a fresh one, then says what to check", () =>
  withColumns(async ({ columns, http }) => {
    http.answer = (token) => token.endsWith("t1") ? { status: 401, text: "" } : TABLE;
    assert.equal((await columns.read("c.s.t", NEVER)).from, "unity_catalog");
    http.answer = () => ({ status: 401, text: "" });
    await assert.rejects(columns.read("c.s.t", NEVER), AuthError);
  }));

Deno.test("TableColumns reads and writes through no link", () =>
  withColumns(async ({ columns, http, log, dir }) => {
    await Deno.mkdir(`${dir}/state`);
    await Deno.mkdir(`${dir}/elsewhere`);
    await Deno.symlink(`${dir}/elsewhere`, `${dir}/state/columns`);
    http.answer = () => ({ status: 200, text: JSON.stringify({ columns: [{ name: "a", type_text: "string" }] }) });
    assert.equal((await columns.read("main.iot.t", NEVER)).from, "unity_catalog");
    assert.deepEqual(Array.from(Deno.readDirSync(`${dir}/elsewhere`)), []);
    assert.match(log.lines[0]?.message ?? "", /state\/columns is a symbolic link/);
    await Deno.writeTextFile(`${dir}/elsewhere/ws.example.main.iot.t.json`, JSON.stringify({ columns: [] }));
    http.isDown = true;
    await assert.rejects(columns.read("main.iot.t", NEVER), DOWN);
  }));
