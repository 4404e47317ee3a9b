import assert from "node:assert/strict";
import { AuthError, ConnectionError } from "../../core/error.ts";
import { Secret } from "../../lib/secret.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import type { ZerobusEvent } from "./event.ts";
import type { HttpAnswer, Requests } from "./http.ts";
import { TokenCache } from "./token.ts";

const NEVER = new AbortController().signal;

type Answer = HttpAnswer | Error | Promise<HttpAnswer>;

/** Gives its answers in turn and keeps what it was asked. */
class FakeRequests implements Requests {
  readonly asked: { url: string; authorization: string | null; form: URLSearchParams }[] = [];
  readonly answers: Answer[];

  constructor(...answers: Answer[]) {
    this.answers = answers;
  }

  async request(url: URL, init: RequestInit): Promise<HttpAnswer> {
    const form = init.body as URLSearchParams; // a request for a token is a form
    this.asked.push({ url: url.href, authorization: new Headers(init.headers).get("authorization"), form });
    const answer = this.answers.shift();
    if (!answer) throw new Error("asked too often");
    if (answer instanceof Error) throw answer;
    return await answer;
  }
}

function granted(access_token: string, expires_in?: unknown): HttpAnswer {
  return { status: 200, text: JSON.stringify({ access_token, token_type: "Bearer", expires_in }) };
}

function setUp(...answers: Answer[]) {
  const clock = new FakeClock();
  const http = new FakeRequests(...answers);
  const events: ZerobusEvent[] = [];
  const tokens = new TokenCache({
    endpoint: new URL("https://ws.example/oidc/v1/token"),
    workspaceId: "42",
    clientId: "id",
    clientSecret: new Secret("s:é"),
    http,
    clock,
    report: (event) => void events.push(event),
  });
  return { clock, http, events, tokens, table: () => tokens.forTable("cat.sch.tbl", NEVER) };
}

Deno.test("TokenCache asks for a token that serves one table", async () => {
  const { http, tokens } = setUp(granted("t1", 3600));
  assert.equal(await tokens.forTable("cat.sch.tbl", NEVER), "t1");
  const [{ url, authorization, form } = assert.fail()] = http.asked;
  assert.equal(url, "https://ws.example/oidc/v1/token");
  assert.equal(authorization, "Basic aWQ6czrDqQ==");
  assert.equal(form.get("grant_type"), "client_credentials");
  assert.equal(form.get("scope"), "all-apis");
  assert.equal(form.get("resource"), "api://databricks/workspaces/42/zerobusDirectWriteApi");
  const type = "unity_catalog_privileges";
  assert.deepEqual(JSON.parse(form.get("authorization_details") ?? ""), [
    { type, privileges: ["USE CATALOG"], object_type: "CATALOG", object_full_path: "cat" },
    { type, privileges: ["USE SCHEMA"], object_type: "SCHEMA", object_full_path: "cat.sch" },
    {
      type,
      privileges: ["SELECT", "MODIFY"],
      object_type: "TABLE",
      object_full_path: "cat.sch.tbl",
      operations: ["zerobuswrite"],
    },
  ]);
});

Deno.test("TokenCache asks for the workspace's own token without a table's privileges, and keeps them apart", async () => {
  const { http, tokens, table } = setUp(granted("api", 3600), granted("t1", 3600));
  assert.equal(await tokens.forWorkspace(NEVER), "api");
  assert.equal(await table(), "t1");
  assert.deepEqual([...http.asked[0]?.form.keys() ?? []], ["grant_type", "scope"]);
});

Deno.test("TokenCache sends one request for all who wait for the same token", async () => {
  const answer = Promise.withResolvers<HttpAnswer>();
  const { http, table } = setUp(answer.promise);
  const waiting = [table(), table(), table()];
  answer.resolve(granted("t1", 3600));
  assert.deepEqual(await Promise.all(waiting), ["t1", "t1", "t1"]);
  assert.equal(http.asked.length, 1);
});

for (
  const [what, expires, keptMs, askedMs] of [
    ["300 s before it expires", 3600, 3_299_000, 3_300_000],
    ["300 s before it expires, where the number is quoted", "3600", 3_299_000, 3_300_000],
    ["at half of its life, where that is short", 60, 29_000, 30_000],
  ] as const
) {
  Deno.test(`TokenCache asks for a new token ${what}`, async () => {
    const { clock, table } = setUp(granted("t1", expires), granted("t2", expires));
    await table();
    await clock.advance(keptMs);
    assert.equal(await table(), "t1");
    await clock.advance(askedMs - keptMs);
    assert.equal(await table(), "t2");
  });
}

Deno.test("TokenCache counts a token's life from the start of the request", async () => {
  const answer = Promise.withResolvers<HttpAnswer>();
  const { clock, table } = setUp(answer.promise, granted("t2", 3600));
  const first = table();
  await clock.advance(10_000);
  answer.resolve(granted("t1", 3600));
  await first;
  await clock.advance(3_290_000);
  assert.equal(await table(), "t2");
});

Deno.test("TokenCache does not keep a token without expires_in", async () => {
  const { table } = setUp(granted("t1"), granted("t2"));
  assert.deepEqual([await table(), await table()], ["t1", "t2"]);
});

Deno.test("TokenCache serves the old token until it expires while refreshing fails", async () => {
  const refused = { status: 401, text: "" };
  const down = new ConnectionError("workspace_unreachable", "down");
  const { clock, table, events } = setUp(granted("t1", 3600), refused, down, { status: 500, text: "" });
  await table();
  await clock.advance(3_400_000);
  assert.equal(await table(), "t1");
  assert.equal(await table(), "t1");
  assert.equal(events.filter((event) => event.kind === "token_refresh_failed").length, 2);
  await clock.advance(200_000);
  await assert.rejects(table(), ConnectionError);
});

Deno.test("TokenCache drops exactly the token it is told to", async () => {
  const { tokens, table } = setUp(granted("t1", 3600), granted("t2", 3600));
  tokens.drop(await table());
  assert.equal(await table(), "t2");
  tokens.drop("t1");
  assert.equal(await table(), "t2");
});

for (const status of [429, 500, 503, 302]) {
  Deno.test(`TokenCache lets HTTP ${status} be retried`, async () => {
    const { table } = setUp({ status, text: "" });
    await assert.rejects(table(), ConnectionError);
  });
}

for (const status of [400, 401, 403, 404]) {
  Deno.test(`TokenCache says what to do about HTTP ${status}, and shows no secret`, async () => {
    const { table } = setUp({ status, text: '{"error":"invalid_client"}' });
    await assert.rejects(table(), (error: unknown) => {
      assert.ok(error instanceof AuthError);
      assert.match(error.message, new RegExp(`cat.sch.tbl \\(HTTP ${status}, invalid_client\\). Check zerobus.auth`));
      assert.ok(!error.message.includes("s:é"));
      return true;
    });
  });
}

Deno.test("TokenCache lets one waiter give up without the others", async () => {
  const answer = Promise.withResolvers<HttpAnswer>();
  const { tokens, table } = setUp(answer.promise);
  const stop = new AbortController();
  const givenUp = tokens.forTable("cat.sch.tbl", stop.signal);
  const waiting = table();
  stop.abort(new Error("enough"));
  await assert.rejects(givenUp, /enough/);
  answer.resolve(granted("t1", 3600));
  assert.equal(await waiting, "t1");
});
