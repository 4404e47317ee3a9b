import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { FakeSpoolTools } from "../../tests/fakes/spool_tools.ts";
import { runningWorkplace } from "./workplace.ts";

Deno.test("runningWorkplace() gives the configuration that holds when it is asked for", async () => {
  const place = { home: "/home", loaded: await loadText("version: 1\n") };
  const workplace = runningWorkplace(place, new FakeSpoolTools());
  const next = await loadText("version: 1\ngui: { port: 81 }\n");
  place.loaded = next;
  assert.equal(workplace.loaded, next);
});
