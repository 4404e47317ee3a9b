/** Links of the documents lead somewhere. */
import assert from "node:assert/strict";
import { documents, exists, textOf } from "./documents.ts";

const LINK = /\]\(([^)\s]+)\)/g;

for (const file of [...documents(), "CONTRIBUTING.md"]) {
  Deno.test(`Every link of ${file} to the project's own files leads to one, and to a heading where it names one`, () => {
    const dead = linksOf(file).filter((target) => !isThere(file, target));
    assert.deepEqual(dead, []);
  });
}

Deno.test("Whoever begins at README.md finds every document", () => {
  const found = new Set(["README.md"]);
  for (const file of found) {
    for (const target of linksOf(file)) if (target.includes(".md")) found.add(fileOf(file, target));
  }
  assert.deepEqual(documents().filter((file) => !found.has(file)), []);
});

function linksOf(file: string): string[] {
  const text = textOf(file).replaceAll(/^```[^]*?^```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...text.matchAll(LINK)].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

function isThere(file: string, target: string): boolean {
  const [, heading] = target.split("#");
  const at = fileOf(file, target);
  return exists(at) && (heading === undefined || headingsOf(at).includes(heading));
}

/** The file that a link of another leads to. */
function fileOf(file: string, target: string): string {
  const [path = ""] = target.split("#");
  return path === "" ? file : new URL(path, `file:///${file}`).pathname.slice(1);
}

/** As they are named in addresses: small letters, hyphens for spaces, nothing else. */
function headingsOf(file: string): string[] {
  return [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}
