/** What the API answers, held against what its document says. */
import assert from "node:assert/strict";
import { type ApiStand, apiStand, type Client } from "../../../tests/fakes/api_stand.ts";
import type { FoundLetter } from "../../../src/buffer/spool/mod.ts";
import { TestAuthority } from "../../../tests/peers/certificates.ts";
import { z } from "zod";

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { responses: Record<string, { content?: Content; $ref?: string }> }>>;
  readonly components: {
    readonly schemas: Record<string, unknown>;
    readonly responses: Record<string, { content?: Content }>;
  };
}
type Content = Record<string, { schema: unknown }>;

const LETTER: FoundLetter = {
  id: 7,
  source: "line",
  letter: {
    id: 7,
    time: 1_700_000_000_000_000,
    source: "line",
    tag: "a/b",
    table: "main.plant.t",
    code: "bad_json",
    reason: "It is no JSON.",
    content: { payload: new TextEncoder().encode("{") },
  },
};

/** A stand whose answers are all held against the document. */
async function checked(): Promise<ApiStand & { readonly ask: Client }> {
  const it = await apiStand();
  it.tools.found = [LETTER, { id: 5, source: "press", letter: undefined }];
  const admin = await it.login("administrator");
  const document = (await admin("GET", "/api/openapi.json")).body as Document;
  const ask: Client = async (method, path, options) => {
    const answer = await admin(method, path, options);
    check(document, { method, path: path.split("?")[0]!, ...answer });
    return answer;
  };
  return { ...it, ask };
}

/** @throws when the answer is not what the document says */
function check(
  { paths, components }: Document,
  { method, path, status, headers, body }: Awaited<ReturnType<Client>> & { method: string; path: string },
): void {
  const known = Object.keys(paths).filter((each) => new RegExp(`^${each.replace(/\{\w+\}/g, "[^/]+")}$`).test(path));
  const exact = known.find((each) => !each.includes("{")) ?? known[0];
  assert.ok(exact, `${path} is in the document`);
  const given = paths[exact]?.[method.toLowerCase()]?.responses[status];
  const response = given?.$ref ? components.responses[given.$ref.split("/").at(-1)!] : given;
  assert.ok(response, `${method} ${exact} may answer ${status}: ${JSON.stringify(body)}`);
  const type = headers.get("content-type")?.split(";")[0];
  if (!response.content) return assert.equal(body, "");
  const content = response.content[type ?? ""];
  assert.ok(content, `${method} ${exact} ${status} may be ${type}`);
  if (!type?.endsWith("json") || type.includes("ndjson")) return;
  const schema = z.fromJSONSchema({
    ...JSON.parse(JSON.stringify(content.schema).replaceAll("#/components/schemas/", "#/$defs/")),
    $defs: JSON.parse(JSON.stringify(components.schemas).replaceAll("#/components/schemas/", "#/$defs/")),
  });
  const { error } = schema.safeParse(body);
  assert.equal(error, undefined, `${method} ${exact} ${status}: ${error?.message} in ${JSON.stringify(body)}`);
}

Deno.test("The document is OpenAPI 3.1", async () => {
  await using it = await checked();
  assert.equal((await it.login("viewer").then((viewer) => viewer("GET", "/api/openapi.json"))).body.openapi, "3.1.0");
});

for (
  const path of [
    "setup",
    "session",
    "status",
    "ledger",
    "metrics",
    "users",
    "tokens",
    "audit",
    "audit?who=a&what=b&from=2026-01-01T00:00:00Z",
    "audit/export",
    "audit/verify",
    "sessions",
    "spool",
    "dlq",
    "dlq?source=line&code=bad_json",
    "dlq?limit=0",
    "dlq?limit=x",
    "dlq/7",
    "dlq/5",
    "dlq/99",
    "dlq/x",
    "dlq/export",
    "logs",
    "logs?level=warn&text=X&source=a&from=2026-01-01T00:00:00Z",
    "logs?from=yesterday",
    "logs/level",
    "logs/download",
    "sources",
    "sources/meters/status",
    "sources/nobody/status",
    "trust",
    "certs",
  ]
) {
  Deno.test(`GET /api/${path} answers as documented`, async () => {
    await using it = await checked();
    it.logs.log("warn", "something", { source: "a" });
    await it.ask("GET", `/api/${path}`);
  });
}

Deno.test("GET /api/dlq pages through letters, and filters them", async () => {
  await using it = await checked();
  const first = (await it.ask("GET", "/api/dlq?limit=1")).body;
  assert.deepEqual([first.total, first.items[0].id, first.next], [2, 7, "7"]);
  const second = (await it.ask("GET", `/api/dlq?limit=1&next=${first.next}`)).body;
  assert.deepEqual([second.items[0].id, second.next], [5, null]);
  const found = (await it.ask("GET", "/api/dlq?code=bad_json")).body;
  assert.deepEqual([found.total, found.items[0].tag, found.next], [1, "a/b", null]);
  assert.equal((await it.ask("GET", "/api/dlq/7")).body.payload, "{");
  const { table, time } = found.items[0];
  const total = async (query: string) => (await it.ask("GET", `/api/dlq?${query}`)).body.total;
  assert.equal(await total(`code=bad_json&table=${encodeURIComponent(table)}&after=${time}`), 1);
  assert.equal(await total("table=no.such.table"), 0);
  assert.equal(await total(`code=bad_json&before=${time}`), 0);
});

Deno.test("Dead letters are purged and exported, and what cannot be replayed says why", async () => {
  await using it = await checked();
  const { body } = await it.ask("POST", "/api/dlq/replay", { body: { ids: "all" } });
  assert.deepEqual([body.letters, body.failures.length, body.left], [0, 2, 0]);
  assert.equal((await it.ask("DELETE", "/api/dlq/7")).status, 204);
  assert.equal((await it.ask("DELETE", "/api/dlq/8")).body.code, "no_dead_letter");
  assert.equal((await it.ask("DELETE", "/api/dlq")).body.letters, 2);
  const lines = (await it.ask("GET", "/api/dlq/export")).body.trim().split("\n");
  assert.deepEqual(lines.map((line: string) => JSON.parse(line).id), [7, 5]);
  const edited = await it.ask("PUT", "/api/dlq/7", { body: { set: { value: "1" } } });
  assert.equal(edited.status, 422);
  assert.equal((await it.ask("PUT", "/api/dlq/7", { body: {} })).body.code, "invalid_request");
});

Deno.test("A connector that keeps nothing on disk says so", async () => {
  await using it = await apiStand({ workplace: () => undefined });
  const admin = await it.login("administrator");
  for (const path of ["/api/dlq", "/api/spool", "/api/dlq/7", "/api/dlq/export"]) {
    assert.deepEqual([(await admin("GET", path)).body.code], ["no_spool"], path);
  }
});

Deno.test("GET /api/logs filters and pages, the newest first", async () => {
  await using it = await checked();
  for (let i = 1; i <= 5; i++) it.logs.log(i % 2 ? "warn" : "info", `message ${i}`, { source: i < 3 ? "a" : "b" });
  const ns = async (query: string) =>
    (await it.ask("GET", `/api/logs?${query}`)).body.items.map(({ n }: { n: number }) => n);
  assert.deepEqual(await ns(""), [5, 4, 3, 2, 1]);
  assert.deepEqual(await ns("level=warn"), [5, 3, 1]);
  assert.deepEqual(await ns("source=a"), [2, 1]);
  assert.deepEqual(await ns("text=MESSAGE%204"), [4]);
  assert.deepEqual(await ns("limit=2&next=4"), [3, 2]);
  assert.deepEqual(await ns("from=2100-01-01T00:00:00Z"), []);
  assert.equal((await it.ask("PUT", "/api/logs/level", { body: { level: "error" } })).body.level, "error");
  assert.equal(it.logs.level, "error");
});

Deno.test("A look at a device that is not there says why", async () => {
  await using it = await checked();
  const { body } = await it.ask("POST", "/api/sources/meters/test", { body: { seconds: 1 } });
  assert.deepEqual([body.samples, typeof body.error.code], [[], "string"]);
  assert.equal((await it.ask("POST", "/api/sources/nobody/test", { body: {} })).status, 404);
  assert.equal((await it.ask("POST", "/api/sources/meters/test", { body: { seconds: 1000 } })).status, 422);
});

Deno.test("Certificates of OPC UA servers are trusted, turned away and deleted by their fingerprint alone", async () => {
  await using it = await checked();
  const authority = await TestAuthority.create("Plant");
  const [met, given] = [await authority.issue({ uri: "urn:a" }), await authority.issue()];
  await Deno.mkdir(`${it.home}/certs/opcua/rejected`, { recursive: true });
  await Deno.writeTextFile(`${it.home}/certs/opcua/rejected/name.pem`, met.certificate);
  await Deno.writeTextFile(`${it.home}/certs/opcua/rejected/rubbish.pem`, "rubbish");
  const [item, ...others] = (await it.ask("GET", "/api/trust")).body.items;
  assert.deepEqual([item.state, item.issuer, others], ["rejected", "CN=Plant", []]);
  assert.equal((await it.ask("POST", `/api/trust/${item.fingerprint}/trust`)).body.state, "trusted");
  const trusted = [...Deno.readDirSync(`${it.home}/certs/opcua/trusted/certs`)].map(({ name }) => name);
  assert.deepEqual(trusted, [`${item.fingerprint}.der`]);
  assert.equal((await it.ask("GET", "/api/trust")).body.total, 1);
  await it.ask("POST", `/api/trust/${item.fingerprint}/reject`);
  assert.equal((await it.ask("GET", "/api/trust")).body.items[0].state, "rejected");
  const headers = { "content-type": "application/octet-stream" };
  const added = await it.ask("POST", "/api/trust", { body: given.certificate, headers });
  assert.deepEqual([added.status, added.body.state], [201, "trusted"]);
  assert.equal((await it.ask("POST", "/api/trust", { body: "rubbish", headers })).body.code, "no_certificate");
  assert.equal((await it.ask("DELETE", `/api/trust/${added.body.fingerprint}`)).status, 204);
  assert.equal((await it.ask("DELETE", `/api/trust/${"0".repeat(64)}`)).status, 404);
  for (const path of ["..%2f..%2fusers.json", "..", "%00"]) {
    assert.ok((await it.ask("POST", `/api/trust/x${path}/trust`)).status >= 400);
  }
});

Deno.test("Certificates and keys are taken in, and a key never comes back", async () => {
  await using it = await checked();
  const authority = await TestAuthority.create("Plant");
  const own = await authority.issue();
  const headers = { "content-type": "application/octet-stream" };
  const give = (body: string) => it.ask("POST", "/api/certs", { body, headers });
  const certificate = (await give(`note\n${own.certificate}\n${authority.certificate}`)).body;
  assert.deepEqual([certificate.certificate.subject, certificate.certificate.chain], ["CN=localhost", 2]);
  const key = await give(own.privateKey);
  assert.equal(key.body.public_key, certificate.public_key);
  assert.equal(Deno.statSync(`${it.home}/${key.body.path}`).mode! & 0o777, 0o600);
  const listed = await it.ask("GET", "/api/certs");
  assert.equal(listed.body.total, 2);
  const secret = own.privateKey.split("\n")[1]!;
  for (const { body } of [key, listed, await it.ask("GET", "/api/audit")]) {
    assert.ok(!JSON.stringify(body).includes(secret));
  }
  assert.match((await give("rubbish")).body.title, /neither a certificate nor a private key, in PEM, DER or PKCS#12$/);
  const block = (label: string) => `-----BEGIN ${label}-----\nAA==\n-----END ${label}-----`;
  assert.equal((await give(block("ENCRYPTED PRIVATE KEY"))).body.code, "pkcs12_unreadable");
  assert.match((await give(block("PRIVATE KEY"))).body.title, /cannot be read/);
  assert.equal((await it.ask("DELETE", `/api/certs/${key.body.id}`)).status, 204);
  assert.equal((await it.ask("DELETE", `/api/certs/${key.body.id}`)).status, 404);
});

Deno.test("Users are made, changed and removed, and told what is wrong", async () => {
  await using it = await checked();
  const user = { username: "bob", role: "viewer", password: "a long pass phrase" };
  assert.equal((await it.ask("POST", "/api/users", { body: user })).status, 201);
  assert.equal((await it.ask("POST", "/api/users", { body: user })).body.code, "user_exists");
  assert.equal(
    (await it.ask("POST", "/api/users", { body: { ...user, username: "../x" } })).body.code,
    "user_name_unfit",
  );
  assert.equal((await it.ask("POST", "/api/users", { body: { ...user, username: "c", password: "x" } })).status, 422);
  assert.equal((await it.ask("POST", "/api/users", { body: { ...user, extra: 1 } })).body.code, "invalid_request");
  assert.equal((await it.ask("PUT", "/api/users/bob", { body: { role: "operator" } })).body.role, "operator");
  assert.equal((await it.ask("DELETE", "/api/users/bob")).status, 204);
  assert.equal((await it.ask("DELETE", "/api/users/bob")).status, 404);
  assert.equal((await it.ask("DELETE", "/api/users/administrator1")).body.code, "last_administrator");
});

Deno.test("Bodies of another type, that are no JSON, or too large are refused", async () => {
  await using it = await checked();
  const json = { "content-type": "application/json" };
  const ask = (body: string, headers: Record<string, string> = json) =>
    it.ask("POST", "/api/tokens", { body, headers });
  assert.equal((await ask("{}", { "content-type": "text/plain" })).status, 415);
  assert.equal((await ask("{")).body.code, "bad_request");
  assert.equal((await ask("null")).status, 422);
  assert.equal((await ask(`{"name":"${"x".repeat(70_000)}"}`)).body.code, "body_too_large");
  assert.equal((await it.ask("POST", "/api/tokens")).status, 415);
});

Deno.test("Another method is answered by those that there are", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const { status, headers } = await admin("PATCH", "/api/users");
  assert.deepEqual([status, headers.get("allow")], [405, "GET, POST, HEAD"]);
  assert.equal((await admin("GET", "/api/nothing")).status, 404);
  assert.equal((await admin("HEAD", "/api/status")).status, 200);
});

Deno.test("Swagger UI comes from the connector itself, under a policy that lets nothing else in", async () => {
  await using it = await apiStand();
  const viewer = await it.login("viewer");
  const page = await viewer("GET", "/api/docs");
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'; script-src 'self';/);
  for (const [, path] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
    assert.match(path, /^\/api\/docs\//);
    const file = await viewer("GET", path);
    assert.deepEqual([file.status, file.body.length > 100], [200, true], path);
  }
});
