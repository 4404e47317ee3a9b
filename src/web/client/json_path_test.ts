import assert from "node:assert/strict";
import type { JsonObject } from "./form_model.ts";
import { valueAt, withValueAt } from "./json_path.ts";

const WHOLE: JsonObject = {
  sources: [{ name: "a" }, { name: "b", mqtt: { username: "u" } }],
  zerobus: { enabled: true },
};

Deno.test("withValueAt() puts a value into an object, a list, and what is not there yet, and leaves the rest", () => {
  assert.deepEqual(withValueAt(WHOLE, "sources[1].mqtt.password", "x"), {
    ...WHOLE,
    sources: [{ name: "a" }, { name: "b", mqtt: { username: "u", password: "x" } }],
  });
  assert.deepEqual(withValueAt(WHOLE, "zerobus.auth.client_secret", "x").zerobus, {
    enabled: true,
    auth: { client_secret: "x" },
  });
  assert.deepEqual(withValueAt({}, "list[0].key", 1), { list: [{ key: 1 }] });
});

Deno.test("valueAt() finds what stands at a path, and nothing where there is nothing", () => {
  assert.equal(valueAt(WHOLE, "sources[1].mqtt.username"), "u");
  assert.equal(valueAt(WHOLE, "zerobus.enabled"), true);
  for (const path of ["sources[2].name", "zerobus[0]", "sources.name", "gui.port"]) {
    assert.equal(valueAt(WHOLE, path), undefined);
  }
});

Deno.test("withValueAt() changes nothing of what it was given", () => {
  const before = structuredClone(WHOLE);
  withValueAt(WHOLE, "sources[0].name", "c");
  assert.deepEqual(WHOLE, before);
});
