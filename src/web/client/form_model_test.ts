import assert from "node:assert/strict";
import schema from "../../../docs/configuration.schema.json" with { type: "json" };
import { fieldOf, type FormField, type FormNode, nodeOf, type Schema } from "./form_model.ts";

const REFERENCE: Schema = { $ref: "#/$defs/reference" };

const SHAPES: readonly [name: string, schema: Schema, kind: FormNode["kind"] | undefined][] = [
  ["a text", { type: "string" }, "text"],
  ["a text or null", { type: ["string", "null"] }, "text"],
  [
    "a whole number or a reference, or null",
    { anyOf: [{ anyOf: [{ type: "integer" }, REFERENCE] }, { type: "null" }] },
    "number",
  ],
  ["a flag or a reference", { anyOf: [{ type: "boolean" }, REFERENCE] }, "flag"],
  ["one of some numbers", { anyOf: [{ enum: [0, 1, 2] }, REFERENCE] }, "choice"],
  ["texts of two patterns", { anyOf: [{ type: "string", pattern: "^4" }, { type: "string", pattern: "^6" }] }, "text"],
  ["a list of texts", { type: "array", items: { type: "string" } }, "list"],
  ["names of one's own", { type: "object", propertyNames: {}, additionalProperties: { type: "string" } }, "labels"],
  ["an object", { type: "object", properties: { a: { type: "string" } } }, "group"],
  ["a key that means nothing", {}, undefined],
];

for (const [name, shape, kind] of SHAPES) {
  Deno.test(`nodeOf() makes ${kind ?? "nothing"} of ${name}`, () => assert.equal(nodeOf(shape)?.kind, kind));
}

Deno.test("nodeOf() tells shapes of an object apart by a constant, or by what each must have", () => {
  const kind = (value: string) => ({ type: "object", properties: { type: { type: "string", const: value } } });
  const byConstant = nodeOf({ oneOf: [kind("absolute"), kind("percent")] });
  assert.deepEqual(marks(byConstant), [{ key: "type", value: "absolute" }, { key: "type", value: "percent" }]);
  const having = (key: string) => ({ type: "object", required: [key], properties: { [key]: { type: "string" } } });
  const byKey = nodeOf({ anyOf: [having("node_id"), having("browse_path")] });
  assert.deepEqual(marks(byKey).map(({ key }) => key), ["node_id", "browse_path"]);
});

function marks(node: FormNode | undefined) {
  return node?.kind === "variants" ? node.variants.map(({ mark }) => mark) : assert.fail("no variants");
}

Deno.test("fieldOf() takes the unit out of the help, and out of the label", () => {
  const [field] = fieldOf("sampling_interval_ms", { type: "number", description: "How often. Unit: ms." }, false);
  assert.deepEqual([field?.label, field?.help, field?.unit], ["Sampling interval", "How often.", "ms"]);
});

Deno.test("every key of the configuration that means something has a field", () => {
  const known = schema as unknown as Schema; // the file is a JSON Schema
  const missing: string[] = [];
  const look = (each: Schema, path: string): void => {
    for (const [key, part] of Object.entries(each.properties ?? {})) {
      if (fieldOf(key, part, false).length === 0) missing.push(`${path}${key}`);
      for (const inner of [part, ...(part.anyOf ?? []), part.items ?? {}, ...(part.items?.oneOf ?? [])]) {
        look(inner, `${path}${key}.`);
      }
    }
  };
  look(known, "");
  // Keys of the first template that have no meaning here.
  const meaningless = /max_files|max_retries|reader_threads|connection_pool|memory|gc_strategy|features|^performance/;
  assert.deepEqual(missing.filter((path) => !meaningless.test(path)), []);
});

Deno.test("a password's field is a secret one", () => {
  const [opcua] = variantsOfSources();
  const block = fieldNamed(opcua?.node.fields, "opcua");
  const password = block?.node.kind === "group" ? fieldNamed(block.node.fields, "password") : undefined;
  assert.ok(password?.node.kind === "text" && password.node.isSecret);
});

Deno.test("a secret that may be left out is a secret", () => {
  const node = nodeOf({ anyOf: [{ type: "string", writeOnly: true }, { type: "null" }] });
  assert.ok(node?.kind === "text" && node.isSecret);
});

function variantsOfSources() {
  const items = (schema as unknown as Schema).properties?.sources?.items; // the file is a JSON Schema
  const node = items && nodeOf(items);
  return node?.kind === "variants" ? node.variants : assert.fail("sources have no protocols");
}

function fieldNamed(fields: readonly FormField[] | undefined, key: string): FormField | undefined {
  return fields?.find((field) => field.key === key);
}
