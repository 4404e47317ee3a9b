/** What documents give as evidence is there: files, and the names of tests in them. */
import assert from "node:assert/strict";
import { documents, exists, spansOf, textOf } from "./documents.ts";

const OURS = /^(src|tests|tools|routes|islands|packaging|protos)\/\S+$/;
const PROOF = /`([^`]+_test\.ts)`: ("[^"]+"(?:; "[^"]+")*)/g;

Deno.test("Every file of the project that a document names is there", () => {
  const spans = documents().flatMap((file) => [...spansOf(file)]).filter(({ text }) => OURS.test(text));
  assert.ok(spans.length > 40);
  assert.deepEqual(spans.filter(({ text }) => !exists(text)), []);
});

Deno.test("Every test that docs/security.md names is in the file that it names", () => {
  const missing: string[] = [];
  let count = 0;
  for (const [, file = "", names = ""] of textOf("docs/security.md").matchAll(PROOF)) {
    for (const [, name = ""] of names.matchAll(/"([^"]+)"/g)) {
      count++;
      if (!exists(file) || !new RegExp(`Deno\\.test\\(\\s*["\`]${literal(name)}`).test(textOf(file))) {
        missing.push(`${file}: ${name}`);
      }
    }
  }
  assert.ok(count > 20);
  assert.deepEqual(missing, []);
});

Deno.test("Each threat of docs/security.md has a file that protects and a proof", () => {
  const [, table = ""] = /^\| threat \|.*\n.*\n((?:\|.*\n)+)/m.exec(textOf("docs/security.md")) ?? [];
  const bare = table.trim().split("\n").filter((row) => {
    const [, , protects = "", proof = ""] = row.split(" | ").length >= 4 ? ["", ...row.split(" | ")] : [];
    return !/`(src|tools|routes)\//.test(protects) || !/_test\.ts`: "/.test(proof);
  });
  assert.deepEqual(bare, []);
});

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
