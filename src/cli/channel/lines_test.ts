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
    const lines = new Lines(pieces(...parts));
    const found: string[] = [];
    const next = () => lines.next(100);
    for (let line = await next(); line !== undefined; line = await next()) found.push(line);
    assert.deepEqual(found, wanted);
  });
}

Deno.test("Lines takes no more of a line than its bound, and says that it ends", async () => {
  let read = 0;
  const endless = { read: (into: Uint8Array) => Promise.resolve(read += into.fill(97).length).then(() => into.length) };
  assert.equal(await new Lines(endless).next(50_000), undefined);
  assert.ok(read <= 52_000, `${read} bytes were read`);
});

Deno.test("Lines refuses what is no UTF-8", async () => {
  assert.equal(await new Lines(pieces(new Uint8Array([0xff, 10]))).next(100), undefined);
});

Deno.test("Lines takes a line that is as long as it may be, and none that is a byte longer", async () => {
  const line = "a".repeat(5000);
  assert.equal(await new Lines(pieces(...`${line}\nb\n`)).next(5000), line);
  assert.equal(await new Lines(pieces(...`${line}\nb\n`)).next(4999), undefined);
});

Deno.test("Lines keeps no more than twice what came, in however small pieces that was", async () => {
  const buffers = new Set<ArrayBufferLike>();
  const drops = {
    read: (into: Uint8Array) => {
      buffers.add(into.buffer);
      return Promise.resolve(into.fill(97, 0, 1).length > 0 ? 1 : 0);
    },
  };
  assert.equal(await new Lines(drops).next(20_000), undefined);
  const sizes = [...buffers].map(({ byteLength }) => byteLength);
  assert.ok(buffers.size <= 6 && Math.max(...sizes) <= 21_024, `buffers of ${sizes}`);
});

Deno.test("Lines bounds each line by itself", async () => {
  const lines = new Lines(pieces(`short\n${"b".repeat(3000)}\nshort\n`.slice(0, 900), "b".repeat(100), "\nc\n"));
  assert.equal(await lines.next(10), "short");
  assert.match(await lines.next(4000) ?? "", /^b{994}$/);
  assert.equal(await lines.next(10), "c");
});
