import assert from "node:assert/strict";
import type { Caller } from "../src/service/access.ts";
import { LOCAL_PEER } from "../src/web/mod.ts";
import type { PageAssets } from "../src/web/pages/mod.ts";
import { pages } from "./mod.ts";

const NAMES = { script: "main-1.js", style: "app-1.css", icon: "icon-1.svg", schema: "schema-1.json" };
const ASSETS: PageAssets = {
  names: NAMES,
  answer: (name) => name === NAMES.script ? new Response("script") : undefined,
};
const session = { id: "1", name: "anna", role: "viewer", csrf: "a&b" } as const;
const ANNA: Caller = { who: "anna", user: "anna", role: "viewer", from: "127.0.0.1", session };
const PATHS = [
  "/monitoring",
  "/logs",
  "/sources",
  "/sources/new",
  "/sources/a",
  "/sources/a/edit",
  "/zerobus",
  "/certificates",
  "/certificates/servers",
  "/settings",
  "/settings/history",
  "/settings/users",
  "/settings/tokens",
  "/settings/audit",
  "/settings/account",
];

interface Situation {
  readonly viewer?: Caller;
  readonly isSetUp?: boolean;
  readonly isReadOnly?: boolean;
  readonly cookie?: string;
}

async function visit(
  path: string,
  { viewer, isSetUp = true, isReadOnly = false, cookie = "" }: Situation = {},
): Promise<Response> {
  const situation = { viewerOf: () => viewer, isSetUp: () => isSetUp, isReadOnly: () => isReadOnly };
  const fetch = pages({ assets: ASSETS, instanceId: "<hall>", ...situation });
  return await fetch(new Request(`http://host${path}`, { headers: { cookie } }), LOCAL_PEER);
}

for (const path of PATHS) {
  Deno.test(`${path} leads to the login without a session, and to the setup without an administrator`, async () => {
    const login = await visit(path);
    assert.deepEqual([login.status, login.headers.get("location")], [303, `/login?next=${encodeURIComponent(path)}`]);
    assert.equal(await login.text(), "");
    const setup = await visit(path, { isSetUp: false, viewer: ANNA });
    assert.equal(setup.headers.get("location"), "/setup");
  });

  Deno.test(`${path} has nothing inline: no script, style or handler`, async () => {
    const response = await visit(path, { viewer: ANNA });
    const html = await response.text();
    assert.equal(response.status, 200);
    assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)/i);
    assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'; script-src 'self';/);
    assert.equal(response.headers.get("cache-control"), "no-store");
  });
}

Deno.test("what comes from outside is shown as text", async () => {
  const html = await (await visit("/sources/%3Cscript%3E%22x%22", { viewer: ANNA })).text();
  assert.ok(html.includes("&lt;script>") && html.includes("&lt;hall>"));
  assert.doesNotMatch(html, /<script>"x"/);
  assert.match(html, /<meta name="csrf" content="a&amp;b"/);
});

const NEXT = [
  ["/logs", "/logs"],
  ["/sources/press%204", "/sources/press%204"],
  ["//evil.example", "/monitoring"],
  ["/\\evil.example", "/monitoring"],
  ["https://evil.example", "/monitoring"],
  ["/a?b", "/monitoring"],
] as const;

for (const [next, wanted] of NEXT) {
  Deno.test(`/login?next=${next} leads to ${wanted} who is logged in`, async () => {
    const response = await visit(`/login?next=${encodeURIComponent(next)}`, { viewer: ANNA });
    assert.equal(response.headers.get("location"), wanted);
  });
}

Deno.test("the setup is shown while there is no administrator, and never after", async () => {
  assert.equal((await visit("/setup", { isSetUp: false })).status, 200);
  assert.equal((await visit("/login", { isSetUp: false })).headers.get("location"), "/setup");
  assert.equal((await visit("/setup")).headers.get("location"), "/login");
});

Deno.test("a password cannot be sent before there is a script, and never stands in an address", async () => {
  for (const html of [await (await visit("/login")).text(), await (await visit("/setup", { isSetUp: false })).text()]) {
    assert.match(html, /<form method="post">/);
    assert.match(html, /<button class="button button-main" type="submit" disabled/);
  }
});

Deno.test("the look that was chosen is in the page from the first byte", async () => {
  const look = async (cookie: string) =>
    (await (await visit("/login", { cookie })).text()).match(/data-theme="(\w+)"/)?.[1];
  assert.equal(await look("a=1; theme=dark"), "dark");
  assert.equal(await look("theme=x"), "system");
});

Deno.test("only files that there are can be asked for", async () => {
  assert.equal(await (await visit(`/assets/${NAMES.script}`)).text(), "script");
  for (const path of ["/assets/manifest.json", "/assets/..%2Fmain.ts", "/assets/", "/elsewhere"]) {
    assert.equal((await visit(path)).status, 404, path);
  }
});

Deno.test("an address without a page or file is answered by a problem document that nothing runs or frames", async () => {
  for (const path of ["/nothing", "/assets/nothing.js", "/sources/a/b/c"]) {
    const response = await visit(path, { viewer: ANNA });
    assert.deepEqual([response.status, (await response.json()).code], [404, "not_found"], path);
    assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  }
});

Deno.test("what a page throws is left to the listener", async () => {
  const viewerOf = () => {
    throw new Error("the file of users is damaged");
  };
  const fetch = pages({ assets: ASSETS, instanceId: "hall", viewerOf, isSetUp: () => true, isReadOnly: () => false });
  await assert.rejects(async () => await fetch(new Request("http://host/logs"), LOCAL_PEER), /damaged/);
});
