import assert from "node:assert/strict";
import { hiddenIn } from "./origins.ts";

Deno.test("hiddenIn() names values of the YAML in whose place a change stands, and no others", () => {
  const document = {
    gui: { port: 80, session_hours: 7 },
    sources: [{ name: "a", endpoint: "x", labels: { line: "1" } }, { name: "b", endpoint: "y" }],
  };
  const state = {
    gui: { session_hours: 8 },
    processing: { batch: { max_size: 5 } },
    sources: [{ name: "b", endpoint: "z", enabled: false }, { name: "c", endpoint: "new" }],
  };
  assert.deepEqual(hiddenIn(document, state), ["gui.session_hours", "sources[1].name", "sources[1].endpoint"]);
  assert.deepEqual(hiddenIn(document, {}), []);
});
