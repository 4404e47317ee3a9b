/** docs/troubleshooting.md quotes the code: each message, state, setting and command in it is there. */
import assert from "node:assert/strict";
import { configSchema } from "../../src/config/mod.ts";
import { z } from "zod";
import { exists, spansOf, textOf } from "./documents.ts";

const ROOT = new URL("../../", import.meta.url);
const FILE = "docs/troubleshooting.md";
/** Programs of the host, and lines of configuration: they are no words of the code. */
const OTHERS = /^(systemctl|journalctl|runuser|iot-connector|ss|df$|dmesg$|[\w.]+: \S+$)/;
const FOREIGN = new Set([
  "subPath",
  "Host",
  "X-Forwarded-Proto",
  "https",
  "SSLKEYLOGFILE",
  "ALTER TABLE",
  "MemoryMax=",
]);

function* sources(folder: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory) yield* sources(`${folder}${name}/`);
    else if (/(?<!_test)\.tsx?$/.test(name)) yield textOf(folder + name);
  }
}

/** All texts of the code as they are told: pieces joined, `…` for what is put in. */
const CODE = ["src/", "islands/", "routes/"].flatMap((folder) => [...sources(folder)]).join("\n")
  .replaceAll(/["`]\s*\+\s*["`]/g, "").replaceAll(/\$\{[^{}]*\}/g, "…");
const KEYS = JSON.stringify(z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }));

function isQuoted(text: string): boolean {
  const pieces = text.split("…").map((piece) => piece.trim()).filter((piece) => piece !== "");
  return pieces.every((piece) => CODE.includes(piece));
}

function isKnown(text: string): boolean {
  if (FOREIGN.has(text) || OTHERS.test(text) || text === "…") return true;
  if (text.includes(" ")) return isQuoted(text);
  if (/^[\w/.-]+\/[\w.-]*$/.test(text)) return exists(text) || CODE.includes(text.replace(/\/$/, ""));
  return text.split(".").every((word) => KEYS.includes(`"${word}"`) || CODE.includes(word));
}

Deno.test("Each message, state and setting that docs/troubleshooting.md quotes is in the code", () => {
  const spans = [...spansOf(FILE)];
  assert.ok(spans.length > 90);
  assert.deepEqual(spans.filter(({ text }) => !isKnown(text)), []);
});

Deno.test("A message that no code has is found", () => {
  for (const text of ["Source …has gone fishing", "The spool is quite full", "zerobus.zerobus_endpiont"]) {
    assert.equal(isKnown(text), false, text);
  }
});
