/** Who gets in, and how: every route with the wrong caller, and the ways to become one. */
import assert from "node:assert/strict";
import { apiStand, PASSWORD } from "../../../tests/fakes/api_stand.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { ownCertificate } from "../../security/mod.ts";
import type { ConfigService } from "../../service/config_service.ts";

/** What is answered to everybody. */
const OPEN = ["GET /api/setup", "POST /api/setup", "POST /api/session"];

type Document = { paths: Record<string, Record<string, { description?: string }>> };

async function routes(): Promise<readonly { method: string; path: string; role: string }[]> {
  await using it = await apiStand();
  const viewer = await it.login("viewer");
  const { paths } = (await viewer("GET", "/api/openapi.json")).body as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { description = "" }]) => ({
      method: method.toUpperCase(),
      path: path.replace("{id}", "7").replace("{name}", "meters").replace("{fingerprint}", "0".repeat(64)),
      role: /role (\w+)/.exec(description)?.[1] ?? "none",
    }))
  );
}

const ROUTES = await routes();

Deno.test("The API has its routes in its document, each with its role", () => {
  assert.ok(ROUTES.length > 30, String(ROUTES.length));
  const open = ROUTES.filter(({ role }) => role === "none").map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(open.sort(), [...OPEN].sort());
});

Deno.test("No route but login and setup answers without a session, with a forged cookie or a wrong token", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const forged: Record<string, string>[] = [
    {},
    { cookie: "iot_session_8080=abc.def" },
    { cookie: `iot_session_8080=${admin.cookie.slice(0, -2)}xx`, "x-csrf": admin.csrf },
    { cookie: `iot_session_8080=${admin.cookie}` }, // which came without TLS
    { authorization: "Bearer iot_000000000000_0000000000000000000000000000000000000000000" },
    { authorization: `Bearer ${admin.cookie}` },
    { cookie: `iot_session_8080=${admin.cookie}`, authorization: "Bearer nothing", "x-csrf": admin.csrf },
  ];
  const paths = [
    ...ROUTES,
    { method: "GET", path: "/api/openapi.json" },
    { method: "GET", path: "/api/docs" },
    { method: "GET", path: "/api/docs/swagger-ui.css" },
    { method: "GET", path: "/api" },
    { method: "GET", path: "/api/nothing/here" },
    { method: "PATCH", path: "/api/users" },
  ];
  for (const { method, path } of paths) {
    if (OPEN.includes(`${method} ${path}`)) continue;
    for (const headers of forged) {
      const { status, body } = await it.anybody(method, path, { headers, from: "10.0.0.9", isEncrypted: true });
      assert.deepEqual([status, body.code], [401, "not_logged_in"], `${method} ${path} ${JSON.stringify(headers)}`);
    }
  }
});

Deno.test("Every route answers another method with 405 and those that it has", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const methods = Map.groupBy(ROUTES, ({ path }) => path);
  for (const [path, known] of methods) {
    for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      if (known.some((route) => route.method === method)) continue;
      const { status, body, headers } = await admin(method, path);
      assert.deepEqual([status, body.code], [405, "method_not_allowed"], `${method} ${path}`);
      for (const route of known) assert.ok(headers.get("allow")?.split(", ").includes(route.method), path);
    }
  }
});

Deno.test("No route lets a lower role in than its own", async () => {
  await using it = await apiStand();
  const clients = { viewer: await it.login("viewer"), operator: await it.login("operator") };
  for (const { method, path, role } of ROUTES) {
    for (const [own, client] of Object.entries(clients)) {
      const isAllowed = role === "none" || role === "viewer" || role === own;
      if (isAllowed) continue;
      const { status, body } = await client(method, path);
      assert.deepEqual([status, body.code], [403, "role_too_low"], `${own}: ${method} ${path}`);
    }
  }
});

Deno.test("No change is made without the session's token, or by a page of another site", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const other = await it.login("administrator");
  const bad: readonly (readonly [Record<string, string>, string])[] = [
    [{ "x-csrf": "" }, "csrf_missing"],
    [{ "x-csrf": other.csrf }, "csrf_missing"],
    [{ origin: "https://evil.example" }, "foreign_origin"],
    [{ origin: "http://localhost:9999" }, "foreign_origin"],
    [{ origin: "null" }, "foreign_origin"],
    [{ "sec-fetch-site": "cross-site" }, "foreign_origin"],
  ];
  for (const { method, path } of ROUTES) {
    if (method === "GET" || OPEN.includes(`${method} ${path}`)) continue;
    for (const [headers, code] of bad) {
      const { status, body } = await admin(method, path, { headers });
      assert.deepEqual([status, body.code], [403, code], `${method} ${path} ${JSON.stringify(headers)}`);
    }
  }
  const foreign = { headers: { origin: "https://evil.example" }, body: { username: "x", password: "y" } };
  assert.equal((await it.anybody("POST", "/api/session", foreign)).body.code, "foreign_origin");
});

Deno.test("A token needs no x-csrf, may what its role may, and ends with its owner", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const owner = await it.login("administrator");
  const made = await owner("POST", "/api/tokens", { body: { name: "scada", role: "operator" } });
  assert.equal(made.status, 201);
  const headers = { authorization: `Bearer ${made.body.token}` };
  assert.equal((await it.anybody("GET", "/api/session", { headers })).body.role, "operator");
  assert.equal((await it.anybody("POST", "/api/dlq/replay", { headers, body: { ids: [] } })).status, 200);
  assert.equal((await it.anybody("GET", "/api/users", { headers })).body.code, "role_too_low");
  const listed = await admin("GET", "/api/tokens");
  assert.ok(!JSON.stringify(listed.body).includes(made.body.token));
  await admin("PUT", `/api/users/${owner.self.user}`, { body: { role: "viewer" } });
  assert.equal((await it.anybody("GET", "/api/session", { headers })).body.role, "viewer");
  await admin("DELETE", `/api/users/${owner.self.user}`);
  assert.equal((await it.anybody("GET", "/api/session", { headers })).status, 401);
});

Deno.test("A change that is refused in part changes nothing", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const body = { role: "viewer", password: "another pass phrase" };
  const { status, body: { code } } = await admin("PUT", `/api/users/${admin.self.user}`, { body });
  assert.deepEqual([status, code], [409, "last_administrator"]);
  const login = { username: admin.self.user, password: PASSWORD };
  assert.equal((await it.anybody("POST", "/api/session", { body: login })).status, 201);
});

Deno.test("Users and tokens stay as they are while the audit cannot be written", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const viewer = await it.login("viewer");
  const { body: { id } } = await admin("POST", "/api/tokens", { body: { name: "t", role: "viewer" } });
  const files = ["users", "tokens"].map((name) => `${it.home}/certs/${name}.json`);
  const read = () => Promise.all(files.map((file) => Deno.readTextFile(file)));
  const before = await read();
  await Deno.remove(`${it.home}/audit/lock`);
  await Deno.mkdir(`${it.home}/audit/lock`);
  const password = "another pass phrase";
  const changes: readonly (readonly [string, string, object?])[] = [
    ["POST", "/api/users", { username: "bob", role: "viewer", password }],
    ["PUT", `/api/users/${viewer.self.user}`, { role: "operator", password }],
    ["DELETE", `/api/users/${viewer.self.user}`],
    ["PUT", "/api/me/password", { old_password: PASSWORD, new_password: password }],
    ["POST", "/api/tokens", { name: "u", role: "viewer" }],
    ["DELETE", `/api/tokens/${id}`],
  ];
  for (const [method, path, body] of changes) {
    const answer = await admin(method, path, { body });
    assert.deepEqual([answer.status, answer.body.code], [503, "audit_not_written"], `${method} ${path}`);
  }
  assert.deepEqual(await read(), before);
  assert.match(it.log.lines.at(-1)?.message ?? "", /^Cannot write the audit/);
});

Deno.test("Nothing else is changed either while the audit cannot be written", async () => {
  const get = (_: ConfigService, name: PropertyKey) =>
    name === "noteReached" ? () => {} : assert.fail(`${String(name)} was called`);
  const changes = new Proxy({} as ConfigService, { get });
  await using it = await apiStand({ changes });
  const admin = await it.login("administrator");
  await Deno.remove(`${it.home}/audit/lock`);
  await Deno.mkdir(`${it.home}/audit/lock`);
  const { certificate, privateKey } = await ownCertificate({ home: it.home, hosts: ["x"], nowMs: Date.now() });
  const fingerprint = "0".repeat(64);
  const asked: readonly (readonly [string, string, unknown?])[] = [
    ["DELETE", "/api/dlq"],
    ["DELETE", "/api/dlq/7"],
    ["PUT", "/api/dlq/7", { set: { value: "1" } }],
    ["POST", "/api/dlq/replay", { ids: "all" }],
    ["POST", "/api/trust", certificate],
    ["POST", `/api/trust/${fingerprint}/trust`],
    ["DELETE", `/api/trust/${fingerprint}`],
    ["POST", "/api/certs", privateKey],
    ["DELETE", `/api/certs/${fingerprint.slice(0, 16)}`],
    ["PUT", "/api/logs/level", { level: "debug" }],
    ["PUT", "/api/config", {}],
    ["POST", "/api/config/rollback/7"],
    ["POST", "/api/config/reload"],
  ];
  for (const [method, path, body] of asked) {
    const type = typeof body === "string" ? "application/octet-stream" : "application/json";
    const headers = { "if-match": "*", ...(body === undefined ? {} : { "content-type": type }) };
    const answer = await admin(method, path, { body, headers });
    assert.deepEqual([answer.status, answer.body.code], [503, "audit_not_written"], `${method} ${path}`);
  }
  assert.deepEqual([it.tools.done, it.logs.level], [[], "info"]);
  assert.deepEqual([(await admin("GET", "/api/trust")).body.total, (await admin("GET", "/api/certs")).body.total], [
    0,
    0,
  ]);
});

Deno.test("What a damaged file of users begins with is told to the log alone", async () => {
  await using it = await apiStand();
  await Deno.mkdir(`${it.home}/certs`, { recursive: true });
  await Deno.writeTextFile(`${it.home}/certs/users.json`, "hunter2 and more");
  const { status, body } = await it.anybody("GET", "/api/setup");
  assert.deepEqual([status, body.code], [503, "access_file_unreadable"]);
  assert.doesNotMatch(JSON.stringify(body), /hunter/);
  assert.match(it.log.lines.at(-1)?.message ?? "", /Cannot use certs\/users\.json/);
});

Deno.test("A page that fails is answered as the API is, and logged", async () => {
  const pages = () => () => Promise.reject(new Error("secret detail"));
  await using it = await apiStand({ pages });
  const { status, headers, body } = await it.anybody("GET", "/monitoring");
  assert.deepEqual([status, body.code, headers.get("x-frame-options")], [500, "internal_error", "DENY"]);
  assert.doesNotMatch(JSON.stringify(body), /secret/);
  assert.match(it.log.lines.at(-1)?.message ?? "", /secret detail/);
});

Deno.test("A token does not come back with a later user of its owner's name", async () => {
  const clock = new FakeClock();
  await using it = await apiStand({ clock });
  const admin = await it.login("administrator");
  const bob = { username: "bob", role: "administrator", password: PASSWORD };
  const add = async () => {
    await clock.advance(1000);
    await admin("POST", "/api/users", { body: bob });
    return (await it.anybody("POST", "/api/session", { body: { username: "bob", password: PASSWORD } })).headers;
  };
  const cookie = (await add()).get("set-cookie")!.split(";")[0]!;
  const csrf = (await it.anybody("GET", "/api/session", { headers: { cookie } })).body.csrf;
  const wanted = { headers: { cookie, "x-csrf": csrf }, body: { name: "t", role: "viewer" } };
  const { body: { token } } = await it.anybody("POST", "/api/tokens", wanted);
  const ask = () => it.anybody("GET", "/api/status", { headers: { authorization: `Bearer ${token}` } });
  const file = `${it.home}/certs/tokens.json`;
  const kept = await Deno.readTextFile(file);
  assert.equal((await ask()).status, 200);
  await admin("DELETE", "/api/users/BOB");
  assert.deepEqual(JSON.parse(await Deno.readTextFile(file)).tokens, []);
  await Deno.writeTextFile(file, kept); // as after a restore of this file alone
  await add();
  assert.equal((await ask()).status, 401);
  assert.equal((await admin("GET", "/api/tokens")).body.total, 0);
});

Deno.test("A change of a user that names nothing to change is refused, and ends no session", async () => {
  await using it = await apiStand();
  const [admin, viewer] = [await it.login("administrator"), await it.login("viewer")];
  const { status, body } = await admin("PUT", `/api/users/${viewer.self.user}`, { body: {} });
  assert.deepEqual([status, body.code], [422, "invalid_request"]);
  assert.match(body.detail, /must have a role, a password, or both/);
  assert.equal((await viewer("GET", "/api/session")).status, 200);
});

Deno.test("The setup code makes the first administrator once, and trying it is limited", async () => {
  const clock = new FakeClock();
  await using it = await apiStand({ clock });
  const code = it.access.setupCode()!;
  const ask = (code: string) =>
    it.anybody("POST", "/api/setup", { body: { code, username: "ada", password: PASSWORD } });
  assert.deepEqual((await it.anybody("GET", "/api/setup")).body, { needed: true });
  for (let i = 0; i < 4; i++) assert.equal((await ask("AAAA-2222")).body.code, "setup_code_wrong");
  assert.deepEqual([(await ask(code)).status, (await it.anybody("GET", "/api/setup")).body], [201, { needed: false }]);
  assert.equal((await ask(code)).body.code, "already_set_up");
  assert.equal(it.access.setupCode(), undefined);
});

Deno.test("A login is limited, and says when the next one is", async () => {
  const clock = new FakeClock();
  await using it = await apiStand({ clock });
  const { self: caller } = await it.login("viewer");
  const ask = (password: string, from: string) =>
    it.anybody("POST", "/api/session", { body: { username: caller.user, password }, from, isEncrypted: true });
  for (let i = 0; i < 5; i++) assert.equal((await ask("wrong", "10.0.0.9")).body.code, "login_failed");
  assert.equal((await ask(PASSWORD, "10.0.0.8")).status, 201, "the owner gets in from elsewhere");
  const late = await ask(PASSWORD, "10.0.0.9");
  assert.deepEqual([late.status, late.body.code, late.headers.get("retry-after")], [429, "too_many_attempts", "20"]);
  await clock.advance(20_000);
  const done = await ask(PASSWORD, "10.0.0.9");
  assert.equal(done.status, 201);
  assert.match(
    done.headers.get("set-cookie") ?? "",
    /^__Host-iot_session_8080=.*Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
});

Deno.test("A session ends when it logs out, and all of a user with a new password", async () => {
  await using it = await apiStand();
  const one = await it.login("viewer");
  assert.equal((await one("DELETE", "/api/session")).status, 204);
  assert.equal((await one("GET", "/api/status")).status, 401);
  const two = await it.login("viewer");
  const change = { old_password: PASSWORD, new_password: "another pass phrase" };
  const wrong = await two("PUT", "/api/me/password", { body: { ...change, old_password: "wrong" } });
  assert.equal(wrong.body.code, "password_wrong");
  const changed = await two("PUT", "/api/me/password", { body: change });
  assert.equal(changed.status, 200);
  assert.equal((await two("GET", "/api/status")).status, 401);
  const cookie = changed.headers.get("set-cookie")!.split(";")[0]!;
  assert.equal((await it.anybody("GET", "/api/status", { headers: { cookie } })).status, 200);
});

Deno.test("Other hosts are answered over TLS only, unless the configuration says otherwise", async () => {
  await using it = await apiStand();
  const body = { username: "x", password: "y" };
  const refused = await it.anybody("POST", "/api/session", { body, from: "10.0.0.9" });
  assert.deepEqual([refused.status, refused.body.code], [403, "tls_required"]);
  assert.equal((await it.anybody("GET", "/health", { from: "10.0.0.9" })).status, 200);
  await using open = await apiStand({ allowsPlain: true });
  assert.equal((await open.anybody("POST", "/api/session", { body, from: "10.0.0.9" })).body.code, "login_failed");
});

Deno.test("Browsers that came over TLS are told to come over nothing else for a year, and no others", async () => {
  await using it = await apiStand();
  const told = async (isEncrypted: boolean) =>
    (await it.anybody("GET", "/api/setup", { isEncrypted })).headers.get("strict-transport-security");
  assert.match(await told(true) ?? "", /^max-age=31536000/);
  assert.equal(await told(false), null);
});

Deno.test("A trusted proxy's word on address and TLS is taken, and nobody else's", async () => {
  await using it = await apiStand({ trustedProxies: ["10.0.0.5"] });
  const body = { username: "x", password: "y" };
  const headers = { "x-forwarded-for": "1.2.3.4, 192.0.2.7", "x-forwarded-proto": "https" };
  const viaProxy = await it.anybody("POST", "/api/session", { body, headers, from: "10.0.0.5" });
  assert.equal(viaProxy.body.code, "login_failed");
  assert.equal([...it.access.audit.newest()][0]?.from, "192.0.2.7");
  const spoofed = await it.anybody("POST", "/api/session", { body, headers, from: "10.0.0.6" });
  assert.equal(spoofed.body.code, "tls_required");
});

Deno.test("The ledger is told on the host itself, and to others behind a login", async () => {
  await using it = await apiStand();
  assert.equal((await it.anybody("GET", "/api/ledger")).body.balanced, true);
  const others = [{ from: "10.0.0.9", isEncrypted: true }, { headers: { "x-forwarded-for": "10.0.0.9" } }];
  for (const how of others) assert.equal((await it.anybody("GET", "/api/ledger", how)).status, 401);
});

Deno.test("A name that is not the host's own is refused before anything else", async () => {
  await using it = await apiStand();
  for (const host of ["evil.example", "localhost.evil.example"]) {
    assert.equal((await it.anybody("GET", "/api/setup", { headers: { host } })).body.code, "misdirected");
  }
  assert.equal((await it.anybody("GET", "/api/setup", { headers: { host: "press-hall:8080" } })).status, 200);
});

Deno.test("Each change is in the audit, with who and from where, and without a secret", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  await admin("POST", "/api/users", { body: { username: "bob", role: "viewer", password: "bobs pass phrase" } });
  const { body: { token } } = await admin("POST", "/api/tokens", { body: { name: "t", role: "viewer" } });
  await admin("DELETE", "/api/dlq");
  await it.anybody("POST", "/api/session", { body: { username: "a password typed here", password: "x" } });
  const { body } = await admin("GET", "/api/audit?limit=5");
  const told = body.items.map(({ who, action }: { who: string; action: string }) => `${who} ${action}`);
  const who = admin.self.who;
  assert.deepEqual(told, [
    "somebody unknown session.refused",
    `${who} dlq.purge`,
    `${who} dlq.purge`, // it was asked for, and done
    `${who} token.add`,
    `${who} user.add`,
  ]);
  const all = JSON.stringify((await admin("GET", "/api/audit?limit=1000")).body);
  for (const secret of ["pass phrase", token, "typed here"]) assert.ok(!all.includes(secret), secret);
  assert.deepEqual((await admin("GET", "/api/audit/verify")).body.faults, []);
});
