/** Sessions, tokens and the audit, as an administrator sees them by the API. */
import assert from "node:assert/strict";
import { apiStand, PASSWORD } from "../../../tests/fakes/api_stand.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";

Deno.test("A user sees sessions of one's own, an administrator those of everybody, and each may end what is seen", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const viewer = await it.login("viewer");
  const own = (await viewer("GET", "/api/sessions")).body.items;
  assert.deepEqual(own.map(({ username, is_own }: Record<string, unknown>) => [username, is_own]), [["viewer2", true]]);
  const all = (await admin("GET", "/api/sessions")).body.items;
  assert.deepEqual(all.map(({ username }: Record<string, unknown>) => username), ["viewer2", "administrator1"]);
  const foreign = all[1].id;
  assert.equal((await viewer("DELETE", `/api/sessions/${foreign}`)).body.code, "no_session");
  assert.equal((await admin("GET", "/api/session")).status, 200);
  assert.equal((await admin("DELETE", `/api/sessions/${own[0].id}`)).status, 204);
  assert.equal((await viewer("GET", "/api/session")).status, 401);
  assert.equal((await admin("GET", "/api/audit")).body.items[0].action, "session.end");
});

Deno.test("A token ends nobody's session, unless it is an administrator's", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const [{ id }] = (await admin("GET", "/api/sessions")).body.items;
  const tokenOf = async (role: string) =>
    (await admin("POST", "/api/tokens", { body: { name: role, role, days: 1 } })).body.token;
  const by = async (role: string, method: string, path: string) =>
    await it.anybody(method, path, { headers: { authorization: `Bearer ${await tokenOf(role)}` } });
  assert.deepEqual((await by("viewer", "GET", "/api/sessions")).body.items, []);
  assert.equal((await by("operator", "DELETE", `/api/sessions/${id}`)).body.code, "no_session");
  assert.equal((await admin("GET", "/api/session")).status, 200);
  assert.equal((await by("administrator", "DELETE", `/api/sessions/${id}`)).status, 204);
});

Deno.test("A token makes no token, user or password, which would outlive it, and may end what there is", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const wanted = { name: "t", role: "administrator", days: null };
  const { body: made } = await admin("POST", "/api/tokens", { body: wanted });
  const by = (method: string, path: string, body?: unknown) =>
    it.anybody(method, path, { headers: { authorization: `Bearer ${made.token}` }, body });
  const user = { username: "eve", role: "administrator", password: PASSWORD };
  for (
    const [method, path, body] of [
      ["POST", "/api/tokens", { ...wanted, name: "u" }],
      ["POST", "/api/users", user],
      ["PUT", `/api/users/${admin.self.user}`, { password: PASSWORD }],
    ] as const
  ) {
    const { status, body: { code } } = await by(method, path, body);
    assert.deepEqual([status, code], [403, "session_needed"], path);
  }
  assert.equal((await admin("GET", "/api/tokens")).body.items.length, 1);
  assert.equal((await by("DELETE", `/api/tokens/${made.id}`)).status, 204);
});

Deno.test("A token tells when it was used last", async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 15) * 1000);
  await using it = await apiStand({ clock });
  const admin = await it.login("administrator");
  const { body: made } = await admin("POST", "/api/tokens", { body: { name: "scada", role: "viewer" } });
  assert.equal(made.last_used, null);
  await it.anybody("GET", "/api/status", { headers: { authorization: `Bearer ${made.token}` } });
  assert.equal((await admin("GET", "/api/tokens")).body.items[0].last_used, "2026-01-15T00:00:00.000Z");
});

Deno.test("The audit is found by who, what and when, and exported as it is kept", async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 15) * 1000);
  await using it = await apiStand({ clock });
  const admin = await it.login("administrator");
  await it.login("viewer");
  await admin("POST", "/api/users", { body: { username: "Bob", role: "viewer", password: PASSWORD } });
  await clock.advance(60_000);
  await admin("DELETE", "/api/users/Bob");
  const found = async (query: string) =>
    (await admin("GET", `/api/audit?${query}`)).body.items.map(({ action }: Record<string, unknown>) => action);
  assert.deepEqual(await found("who=VIEWER"), ["session.begin"]);
  assert.deepEqual(await found("what=user."), ["user.remove", "user.add"]);
  assert.deepEqual(await found("what=bob&from=2026-01-15T00:00:30Z"), ["user.remove"]);
  assert.deepEqual(await found("what=bob&to=2026-01-15T00:00:30Z"), ["user.add"]);
  assert.equal((await admin("GET", "/api/audit?who=viewer&limit=1")).body.total, 1);
  const { body, headers } = await admin("GET", "/api/audit/export?what=user.");
  assert.match(headers.get("content-disposition") ?? "", /audit\.jsonl/);
  const lines = String(body).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ action }) => action), ["user.add", "user.remove"]);
  assert.match(lines[0].hash, /^[0-9a-f]{64}$/);
});

Deno.test("The audit is paged, found or not, and nothing is told twice", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  for (let i = 1; i <= 7; i++) it.access.note(admin.self, i % 2 ? "odd" : "even", String(i));
  for (const [filter, targets, total] of [["", "7 6 5 4 3 2 1", 8], ["&what=odd", "7 5 3 1", 4]] as const) {
    const told: string[] = [];
    let next = "";
    do {
      const { body } = await admin("GET", `/api/audit?limit=3${filter}${next}`);
      told.push(...body.items.map(({ target }: Record<string, string>) => target));
      assert.equal(body.total, total);
      next = body.next === null ? "" : `&next=${body.next}`;
    } while (next !== "");
    assert.equal(told.filter((target) => target !== admin.self.user).join(" "), targets);
  }
});
