import assert from "node:assert/strict";
import { Lines } from "./lines.ts";

/** Gives these bytes in these pieces. */
function pieces(...parts: readonly (string | Uint8Array)[]) {
  const left = parts.map((part) => typeof part === "string" ? new TextEncoder().encode(part) : part);
  return {
    read(into: Uint8Array): Promise<number | null> {
      const part = left.shift();
      if (!part) return Promise.resolve(null);
      into.set(part);
      return Promise.resolve(part.length);
    },
  };
}

const SPLITS: readonly (readonly [what: string, parts: string[], lines: string[]])[] = [
  ["in one piece", ["a\nbb\n"], ["a", "bb"]],
  ["in pieces that end anywhere", ["a", "", "\nb", "b", "\n"], ["a", "bb"]],
  ["with an empty one", ["\n\na\n"], ["", "", "a"]],
  ["without the last line feed", ["a\nb"], ["a"]],
];

for (const [what, parts, wanted] of SPLITS) {
  Deno.test(`Lines gives lines that come ${what}`, async () => {
    const lines = new Lines(pieces(...parts), 100);
    const found: string[] = [];
    for (let line = await lines.next(); line !== undefined; line = await lines.next()) found.push(line);
    assert.deepEqual(found, wanted);
  });
}

Deno.test("Lines takes no more of a line than its bound, and says that it ends", async () => {
  let read = 0;
  const endless = { read: (into: Uint8Array) => Promise.resolve(read += into.fill(97).length).then(() => into.length) };
  assert.equal(await new Lines(endless, 50_000).next(), undefined);
  assert.ok(read < 70_000, `${read} bytes were read`);
});

Deno.test("Lines refuses what is no UTF-8", async () => {
  assert.equal(await new Lines(pieces(new Uint8Array([0xff, 10])), 100).next(), undefined);
});
