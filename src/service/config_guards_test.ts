import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { STATE_FILE } from "../config/mod.ts";
import { refuseDepth, refuseLockout, refuseReadOnly } from "./config_guards.ts";

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

Deno.test("refuseReadOnly() names the file and how it is loaded, and how what a change has set is taken back", async () => {
  const [open, fixed] = [await withGui("{}"), await withGui("{ read_only: true }")];
  refuseReadOnly(open, "/home");
  const message = (loaded: typeof fixed) => {
    try {
      refuseReadOnly(loaded, "/home");
    } catch (error) {
      return String(error);
    }
  };
  assert.match(
    message(fixed) ?? "",
    /edit \/home\/c\.yaml on the host, and load it with SIGHUP .*POST \/api\/config\/reload$/,
  );
  const text = JSON.stringify({ version: 1, gui: { read_only: true } });
  const changed = await loadText("version: 1\n", { files: { [`/home/${STATE_FILE}`]: text } });
  assert.match(message(changed) ?? "", /take it out of \/home\/config\/connector_state\.json, and load that/);
});
