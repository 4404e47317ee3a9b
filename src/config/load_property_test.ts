import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { findingsOf } from "../../tests/fakes/config_file.ts";
import { configSchema } from "./schema.ts";
import { shapeFor, unwrap } from "./walk.ts";

/** Documents that look like a configuration from afar: its own keys, and any values under them. */
function document(schema: Parameters<typeof unwrap>[0], depth = 0): fc.Arbitrary<unknown> {
  const shape = shapeFor(schema, undefined);
  const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("${IOT_X}", "${IOT_X:-1}", "${", "true", "1e9"));
  if (!shape || depth > 4) return junk;
  const keys = Object.fromEntries(Object.entries(shape).map(([key, under]) => [key, inner(under, depth)]));
  return fc.oneof({ weight: 4, arbitrary: fc.record(keys, { requiredKeys: [] }) }, { weight: 1, arbitrary: junk });
}

function inner(schema: Parameters<typeof unwrap>[0], depth: number): fc.Arbitrary<unknown> {
  const { def } = unwrap(schema)._zod as { def: { element?: Parameters<typeof unwrap>[0] } }; // lists have one
  return def.element ? fc.array(document(def.element, depth + 1), { maxLength: 3 }) : document(schema, depth + 1);
}

Deno.test("loadConfig() throws nothing but ConfigFileError, whatever the document", async () => {
  const anything = fc.oneof(document(configSchema), fc.object({ withNullPrototype: false }), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(anything, async (value) => {
      for (const { path, line, message } of await findingsOf(stringify(value) ?? "")) {
        assert.ok(line >= 1 && message !== "" && typeof path === "string");
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("loadConfig() throws nothing but ConfigFileError, whatever the text", async () => {
  const snippet = fc.constantFrom(
    ..."{}[]:-?,#&*!|>'\"%@`\t\n $ab1".split(""),
    "gui:",
    "sources:",
    "- ",
    "${IOT_X}",
    "\n  ",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(snippet, { maxLength: 40 }), async (parts) => {
      await findingsOf(parts.join(""));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("loadConfig() refuses a document that is nested too deeply with a sentence", async () => {
  const [first] = await findingsOf("[".repeat(5_000));
  assert.match(first?.message ?? "", /nested more than 50 deep/);
});
