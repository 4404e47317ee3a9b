import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { changedPaths, diffOf, fullDiffOf } from "./diff.ts";
import { foldedPaths } from "./folded_paths.ts";

const source = (name: string, more = "", password = "old-secret") =>
  `  - { name: ${name}, protocol: mqtt, endpoint: mqtt://127.0.0.1:1883${more}, ` +
  `mqtt: { username: u, password: ${password}, topics: [{ topic: a }] } }`;
const yaml = (...sources: string[]) => `version: 1\nlocal_sink: { enabled: true }\nsources:\n${sources.join("\n")}\n`;

async function diff(before: string, after: string): Promise<string> {
  return diffOf((await loadText(before)).config, (await loadText(after)).config);
}

Deno.test("diffOf() is empty where nothing differs", async () => {
  assert.equal(await diff(yaml(source("a")), yaml(source("a"))), "");
});

Deno.test("diffOf() shows a value before and after, and what it stands in", async () => {
  const text = await diff(yaml(source("a"), source("b")), yaml(source("a"), source("b", ", enabled: false")));
  assert.equal(text, " sources:\n   - name: b\n-    enabled: true\n+    enabled: false\n");
});

Deno.test("diffOf() shows a source that is new and one that is gone", async () => {
  const text = await diff(yaml(source("a")), yaml(source("b")));
  assert.match(text, /^- {2}- name: a\n- {4}protocol: mqtt$/m);
  assert.match(text, /^\+ {2}- name: b\n\+ {4}protocol: mqtt$/m);
});

Deno.test("diffOf() tells that a secret changed, and not to what", async () => {
  const text = await diff(yaml(source("a")), yaml(source("a", "", "new-secret")));
  assert.match(text, /^-\s+password: "\*\*\*"\n\+\s+password: "\*\*\*" # another one$/m);
  assert.doesNotMatch(text, /old-secret|new-secret/);
});

const many = (count: number, at: (i: number) => unknown = (i) => i) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, at(i)]));

Deno.test("diffOf() shows what stands beside a block that is too long to be read", () => {
  const before = { long: {}, gui: { port: 8080 }, list: [] };
  const after = { long: many(1000), gui: { port: 80 }, list: Array.from({ length: 5000 }, (_, i) => i) };
  const lines = diffOf(before, after).trimEnd().split("\n");
  assert.ok(lines.length <= 403, String(lines.length));
  assert.ok(lines.includes("-  port: 8080") && lines.includes("+  port: 80"));
  assert.ok(lines.some((line) => /^# … \d+ more lines of list:$/.test(line)));
});

Deno.test("diffOf() names members that are too many to be shown, and says how many it does not", () => {
  const lines = diffOf({ a: many(1000) }, { a: many(1000, (i) => i + 1) }).trimEnd().split("\n");
  assert.equal(lines[1], "~  key0: # differs");
  assert.equal(lines.at(-1), "# … 900 more members differ here");
});

Deno.test("diffOf() cuts a line that is too long, and says so", () => {
  assert.match(diffOf({ a: "x" }, { a: "y".repeat(1000) }), /^\+a: y+… # 604 more characters$/m);
});

Deno.test("fullDiffOf() leaves nothing out", () => {
  assert.equal(fullDiffOf({ a: many(1000) }, { a: many(1000, (i) => i + 1) }).trimEnd().split("\n").length, 2001);
});

Deno.test("changedPaths() names each value that differs", async () => {
  const [before, after] = await Promise.all([
    loadText(yaml(source("a"), source("b"))),
    loadText(`${yaml(source("b", ", enabled: false", "new"), source("c"))}gui: { port: 81 }\n`),
  ]);
  assert.deepEqual(changedPaths(before.config, after.config).sort(), [
    "gui.port",
    "sources[a]",
    "sources[b].enabled",
    "sources[b].mqtt.password",
    "sources[c]",
  ]);
});

Deno.test("foldedPaths() tells the deepest by what they lie in where all are too many", () => {
  const paths = [
    "gui.port",
    "sources[a].mqtt.topics",
    ...Array.from({ length: 50 }, (_, i) => `sources[b].nodes[n${i}].id`),
  ];
  assert.equal(foldedPaths(paths, 10_000), paths.join(", "));
  assert.equal(foldedPaths(paths, 100), "gui.port, sources[a].mqtt, sources[b].nodes (50 of it)");
  assert.equal(foldedPaths(paths, 5), "gui, sources (51 of it)");
});
