import assert from "node:assert/strict";
import schema from "../../../docs/configuration.schema.json" with { type: "json" };
import { fieldOf, type FormField, type Schema } from "./form_model.ts";
import { countOf, foundFields } from "./form_search.ts";

const { properties = {} } = schema as unknown as Schema; // the file is one
const ALL = ["gui", "backpressure"].flatMap((key) => properties[key] ? fieldOf(key, properties[key], false) : []);

function names(fields: readonly FormField[], path = ""): string[] {
  return fields.flatMap(({ key, node }) =>
    node.kind === "group" ? names(node.fields, `${path}${key}.`) : node.kind === "fixed" ? [] : [`${path}${key}`]
  );
}

Deno.test("foundFields() finds a setting by its path, its label and its help, whatever the case", () => {
  assert.deepEqual(names(foundFields(ALL, "gui.session_hours")), ["gui.session_hours"]);
  assert.ok(names(foundFields(ALL, "SESSION hours")).includes("gui.session_hours"));
  assert.ok(names(foundFields(ALL, "reverse proxies")).includes("gui.trusted_proxies"));
});

Deno.test("foundFields() keeps the whole of a block that is found by its own name", () => {
  const found = names(foundFields(ALL, "gui.tls"));
  assert.ok(found.length > 1 && found.every((name) => name.startsWith("gui.tls.")), found.join());
});

Deno.test("foundFields() finds all without words, and nothing that has not all of them", () => {
  assert.equal(foundFields(ALL, "  "), ALL);
  assert.deepEqual(foundFields(ALL, "session xyzzy"), []);
  assert.ok(countOf(ALL) > 20);
  assert.equal(countOf(foundFields(ALL, "gui.session_hours")), 1);
});
