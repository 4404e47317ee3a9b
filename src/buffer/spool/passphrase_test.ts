import assert from "node:assert/strict";
import { isRecipe, keyOf, newRecipe } from "./passphrase.ts";

Deno.test("keyOf() makes the key that RFC 7914, section 12, gives for its parameters", async () => {
  const recipe = { salt: new TextEncoder().encode("SodiumChloride").toHex(), n: 16_384, r: 8, p: 1 };
  const key = await keyOf("pleaseletmein", recipe);
  assert.equal(key.toHex(), "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
});

Deno.test("isRecipe() takes what newRecipe() makes, and nothing that costs a host its memory or its time", () => {
  const recipe = newRecipe();
  assert.ok(isRecipe(recipe));
  for (
    const [what, change] of [
      ["no hex", { salt: "zz" }],
      ["a number for a salt", { salt: 5 as unknown as string }],
      ["too much memory", { n: 2 ** 24 }],
      ["too many rounds", { p: 1000 }],
      ["no power of two", { n: 1000 }],
      ["half a block", { r: 0.5 }],
    ] as const
  ) assert.ok(!isRecipe({ ...recipe, ...change }), what);
});
