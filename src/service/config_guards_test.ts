import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { reachWarnings, refuseDepth, refuseLockout } from "./config_guards.ts";

const withGui = (gui: string) => loadText(`version: 1\ngui: ${gui}\n`);

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

Deno.test("refuseDepth() refuses 200,000 lists within one another, and says why", () => {
  assert.throws(() => refuseDepth({ gui: nested(200_000) }), {
    code: "change_unfit",
    message: "The change is not taken: its values lie more than 64 deep within one another",
  });
});

Deno.test("refuseDepth() takes 64 levels, and a long list", () => {
  refuseDepth({ gui: nested(64) });
  assert.throws(() => refuseDepth({ gui: nested(65) }), { code: "change_unfit" });
  refuseDepth({ sources: Array.from({ length: 50_000 }, (_, i) => ({ name: `s${i}` })) });
});

Deno.test("refuseLockout() refuses a change that closes the pages, and names the file to edit", async () => {
  const [open, closed] = [await withGui("{}"), await withGui("{ enabled: false }")];
  assert.throws(() => refuseLockout(open, closed), {
    code: "change_unfit",
    message:
      /gui\.enabled: false would close the pages and the API.* Write it into .*\.yaml, and load that with SIGHUP/,
  });
  refuseLockout(closed, closed);
  refuseLockout(closed, open);
  refuseLockout(open, open);
});

for (
  const [key, gui] of [
    ["bind", "{ bind: 127.0.0.2 }"],
    ["port", "{ port: 8081 }"],
    ["tls", "{ tls: { enabled: true } }"],
    ["allowed_hosts", "{ allowed_hosts: [edge7] }"],
    ["trusted_proxies", "{ trusted_proxies: [10.0.0.5] }"],
  ] as const
) {
  Deno.test(`reachWarnings() warns of a change of gui.${key}, and of nothing else`, async () => {
    const warnings = reachWarnings(await withGui("{}"), await withGui(gui));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", new RegExp(`^gui\\.${key} changes: pages and API may not be reached`));
    assert.deepEqual(reachWarnings(await withGui("{}"), await withGui("{ session_hours: 2 }")), []);
  });
}
