import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { diffOf } from "./diff.ts";

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

Deno.test("diffOf() is cut where it gets too long to be read", () => {
  const long = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, i]));
  const lines = diffOf({ a: {} }, { a: long }).trimEnd().split("\n");
  assert.equal(lines.length, 401);
  assert.match(lines.at(-1) ?? "", /^# … \d+ more lines$/);
});
