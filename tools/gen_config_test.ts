import assert from "node:assert/strict";
import { configSchema, loadConfig, type LoadedConfig } from "../src/config/mod.ts";
import { SOURCES } from "../src/sources/mod.ts";
import { generateConfig } from "./gen_config.ts";
import { type Block, blockOf, type Field, isInEffect } from "./gen_config_fields.ts";

const FILES = generateConfig();
const SAMPLE = FILES.get("config/connector.yaml") ?? "";
const REFERENCE = FILES.get("docs/configuration.md") ?? "";
const CREDENTIALS: Readonly<Record<string, string>> = {
  DATABRICKS_CLIENT_ID: "4f5c",
  DATABRICKS_CLIENT_SECRET: "12345",
};

const notThere = () => Promise.reject(new Deno.errors.NotFound());

function load(yaml: string, env: Readonly<Record<string, string>> = {}): Promise<LoadedConfig> {
  return loadConfig({ home: "/home", env: (name) => env[name], yaml, readTextFile: notThere });
}

Deno.test("the sample loads as it is, without a warning and without an environment", async () => {
  const { config, sources, warnings } = await load(SAMPLE);
  assert.deepEqual(warnings, []);
  assert.deepEqual([config.local_sink.enabled, config.zerobus.enabled], [true, false]);
  assert.deepEqual(
    sources.map(({ spec, isEnabled }) => [spec.type, isEnabled]),
    SOURCES.map(({ type }) => [type, false]),
  );
});

Deno.test("every source of the sample can be enabled as it stands", async () => {
  const { sources, warnings } = await load(SAMPLE.replaceAll(/^ {4}enabled: false/gm, "    enabled: true"), CREDENTIALS)
    .catch((error) => assert.fail(error.message));
  assert.deepEqual(warnings, []);
  assert.ok(sources.every(({ isEnabled }) => isEnabled));
});

Deno.test("the sample's block zerobus is right once its # are gone", async () => {
  const { config, warnings } = await load(uncommented(SAMPLE, "zerobus"), CREDENTIALS);
  assert.deepEqual(warnings, []);
  assert.equal(config.zerobus.enabled, true);
  assert.deepEqual(config.zerobus.auth.client_secret?.reveal(), "12345");
});

Deno.test("the sample shows defaults as they are, but for the local sink", async () => {
  const { config: shown } = await load(SAMPLE);
  const { config: preset } = await load("");
  assert.deepEqual({ ...shown, sources: [], local_sink: { ...shown.local_sink, enabled: false } }, preset);
});

/** The lines of a block that is commented out, up to the next empty line, without their `# `. */
function uncommented(text: string, block: string): string {
  const lines = text.split("\n");
  const from = lines.indexOf(`# ${block}:`);
  const to = lines.indexOf("", from);
  return lines.map((line, i) => from <= i && i < to ? line.slice(2) : line).join("\n");
}

/** Every key of the configuration, with its path. */
function* keysIn(block: Block | undefined, path: string): Iterable<{ readonly path: string; readonly field: Field }> {
  for (const field of [...block?.common ?? [], ...block?.forms.flatMap(({ fields }) => fields) ?? []]) {
    const here = path === "" ? field.key : `${path}.${field.key}`;
    yield { path: here, field };
    yield* keysIn(field.block, here);
  }
}

const KEYS = [...keysIn(blockOf(configSchema), "")];

Deno.test("every key has a description that ends as a sentence does", () => {
  const named = SOURCES.map(({ type }) => `sources.${type}`); // the protocol's block: its entry is described
  const bad = KEYS.filter(({ path, field: { meta } }) => !named.includes(path) && !/[.]$/.test(meta.description ?? ""));
  assert.deepEqual(bad.map(({ path }) => path), []);
});

Deno.test("every key has a row in the reference, and its default", () => {
  for (const { path, field } of KEYS) {
    const row = new RegExp(`^\\| (\\[\`${field.key}\`\\]\\(#[^)]+\\)|\`${field.key}\`) \\|`, "m");
    assert.match(REFERENCE, row, path);
  }
});

Deno.test("every link in the reference leads to one of its headings", () => {
  const slugs = [...REFERENCE.matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) =>
    text.toLowerCase().replace(/[^a-z0-9_ -]/g, "").replaceAll(" ", "-")
  );
  const links = [...REFERENCE.matchAll(/\]\(#([^)]+)\)/g)].map(([, slug = ""]) => slug);
  assert.ok(links.length > 20);
  assert.deepEqual(links.filter((link) => !slugs.includes(link)), []);
  assert.equal(new Set(slugs).size, slugs.length, "two headings have one name");
});

Deno.test("a key without effect is told as such in the reference and stays out of the sample", () => {
  const idle = KEYS.filter(({ field }) => !isInEffect(field.meta));
  assert.ok(idle.length > 10);
  assert.doesNotMatch(SAMPLE, / encryption:|max_retries/);
});

Deno.test("the JSON Schema has every block, and the words of no other tool", () => {
  const schema = JSON.parse(FILES.get("docs/configuration.schema.json") ?? "");
  assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  assert.deepEqual(Object.keys(schema.properties), Object.keys(configSchema.shape));
  assert.deepEqual([schema.additionalProperties, schema.required], [false, undefined]);
  const ours = keysOfSchemas(schema).filter((key) =>
    ["unit", "secret", "group", "notInEffect", "happens"].includes(key)
  );
  assert.deepEqual(ours, []);
});

Deno.test("the JSON Schema lets references stand for numbers, and hides secrets", () => {
  const { properties: { gui, zerobus } } = JSON.parse(FILES.get("docs/configuration.schema.json") ?? "");
  assert.deepEqual(gui.properties.port.anyOf, [
    { type: "integer", minimum: 1, maximum: 65535 },
    { $ref: "#/$defs/reference" },
  ]);
  assert.equal(gui.properties.port.default, 8080);
  assert.equal(zerobus.properties.auth.properties.client_secret.writeOnly, true);
});

/** Words that stand in schemas; names of keys are none. */
function keysOfSchemas(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(keysOfSchemas);
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (["default", "examples", "enum"].includes(key)) return [key];
    const inner = key === "properties" || key === "$defs" ? Object.values(value) : [value];
    return [key, ...keysOfSchemas(inner)];
  });
}
