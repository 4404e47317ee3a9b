import assert from "node:assert/strict";
import type { Caller, Role } from "../src/service/access.ts";
import { LOCAL_PEER } from "../src/web/mod.ts";
import { pages } from "./mod.ts";

const names = { script: "main.js", style: "app.css", icon: "icon.svg", schema: "schema.json" };
const GUARDED = ["/settings/users", "/settings/tokens", "/settings/audit"];

async function page(path: string, role: Role, isReadOnly = false): Promise<string> {
  const caller: Caller = { who: "vera", user: "vera", role, from: "127.0.0.1" };
  const assets = { names, answer: () => undefined };
  const situation = { viewerOf: () => caller, isSetUp: () => true, isReadOnly: () => isReadOnly };
  const fetch = pages({ assets, instanceId: "hall", ...situation });
  return await (await fetch(new Request(`http://host${path}`), LOCAL_PEER)).text();
}

for (const path of GUARDED) {
  Deno.test(`${path} is offered to administrators, and tells others why they do not see it`, async () => {
    assert.ok((await page("/settings", "administrator")).includes(`href="${path}"`));
    assert.match(await page(path, "administrator"), /data-island="(users|tokens|audit)"/);
    for (const role of ["viewer", "operator"] as const) {
      assert.ok(!(await page("/settings", role)).includes(`href="${path}"`));
      const html = await page(path, role);
      assert.match(html, /Only an administrator sees this/);
      assert.doesNotMatch(html, /data-island="(users|tokens|audit)"/);
    }
  });
}

Deno.test("The form of a source is shown to administrators, who alone can save it", async () => {
  for (const path of ["/sources/new", "/sources/oven/edit"]) {
    assert.match(await page(path, "administrator"), /data-island="source-editor"/);
    assert.match(await page(path, "operator"), /Only an administrator adds and changes sources/);
    assert.doesNotMatch(await page(path, "operator"), /data-island="source-editor"/);
  }
});

Deno.test("Where files alone configure, every page says so at the top, and none offers a change", async () => {
  for (const path of ["/monitoring", "/sources", "/settings", "/settings/history"]) {
    assert.match(await page(path, "administrator", true), /configured by files alone \(gui\.read_only\)/, path);
    assert.doesNotMatch(await page(path, "administrator"), /configured by files alone/, path);
  }
  assert.match(await page("/settings/history", "administrator"), /&quot;canChange&quot;:true/);
  assert.match(await page("/settings/history", "administrator", true), /&quot;canChange&quot;:false/);
  assert.match(await page("/settings/history", "operator"), /&quot;canChange&quot;:false/);
});
