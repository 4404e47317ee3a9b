import assert from "node:assert/strict";
import fc from "fast-check";
import { assertNothingAddsUp } from "../../../tests/fakes/memory.ts";
import { freeMemory } from "../../lib/free_memory.ts";
import { Sealer, SealError } from "./seal.ts";

const KEY = new Uint8Array(32).map((_, i) => i);
const TEXT = new TextEncoder().encode("furnace 4711 ".repeat(50));

Deno.test("Sealer opens what it sealed, whatever its length, compressed or not", async () => {
  for (const isCompressed of [true, false]) {
    const sealer = await Sealer.open(KEY, { isCompressed });
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 1000 }), async (bytes) => {
      const plain = new Uint8Array(bytes);
      assert.deepEqual(await sealer.open("a", await sealer.seal("a", plain)), plain);
    }));
  }
});

Deno.test("Sealer opens what was sealed with the other setting of compression", async () => {
  const [one, other] = [
    await Sealer.open(KEY, { isCompressed: true }),
    await Sealer.open(KEY, { isCompressed: false }),
  ];
  assert.deepEqual(await other.open("a", await one.seal("a", TEXT)), TEXT);
  assert.deepEqual(await one.open("a", await other.seal("a", TEXT)), TEXT);
});

Deno.test("Sealer does not open a value under another name", async () => {
  const sealer = await Sealer.open(KEY, { isCompressed: true });
  await assert.rejects(sealer.open("chunk/1/3", await sealer.seal("chunk/1/2", TEXT)), SealError);
});

Deno.test("Sealer does not open a value of which any bit was changed, or with another key", async () => {
  const sealer = await Sealer.open(KEY, { isCompressed: true });
  const sealed = await sealer.seal("a", TEXT);
  for (let i = 0; i < sealed.length; i++) {
    const changed = sealed.map((byte, at) => at === i ? byte ^ (1 << (i % 8)) : byte);
    await assert.rejects(sealer.open("a", changed), SealError, `byte ${i}`);
  }
  const other = await Sealer.open(KEY.map((byte) => byte ^ 1), { isCompressed: true });
  assert.notEqual(other.keyId, sealer.keyId);
  await assert.rejects(other.open("a", sealed), SealError);
  await assert.rejects(sealer.open("a", sealed.subarray(0, 30)), SealError);
});

Deno.test("Sealer seals the same value differently each time, and makes it smaller where it can", async () => {
  const sealer = await Sealer.open(KEY, { isCompressed: true });
  const [one, other] = [await sealer.seal("a", TEXT), await sealer.seal("a", TEXT)];
  assert.notDeepEqual(one, other);
  assert.ok(one.length < TEXT.length / 2, `${one.length} bytes`);
});

for (const isCompressed of [true, false]) {
  Deno.test(`Sealer leaves no memory behind when it seals and opens, ${isCompressed ? "" : "not "}compressed`, async () => {
    const sealer = await Sealer.open(KEY, { isCompressed });
    let state = 1; // of a linear congruential generator: what cannot be compressed is large at every step
    const plain = new Uint8Array(600_000).map(() => (state = Math.imul(state, 1_103_515_245) + 12_345) >>> 24);
    const task = async () => {
      const sealed = await sealer.seal("a", plain);
      const opened = await sealer.open("a", sealed);
      assert.equal(opened.length, plain.length);
      freeMemory(sealed);
      freeMemory(opened);
    };
    await assertNothingAddsUp(task, isCompressed ? 2.1 * plain.length : 0); // node:zlib leaves the pieces that it joined
  });
}
