import assert from "node:assert/strict";
import { isLegacy, type Offer, POLICIES, strongest } from "./policies.ts";

const OFFERS: readonly Offer[] = [
  { policy: "None", mode: "None" },
  { policy: "Basic256Sha256", mode: "Sign" },
  { policy: "Basic256Sha256", mode: "SignAndEncrypt" },
  { policy: "Aes256_Sha256_RsaPss", mode: "Sign" },
  { policy: "Basic256", mode: "SignAndEncrypt" },
];

Deno.test("strongest() takes the strongest policy that is offered with the mode", () => {
  assert.equal(strongest(OFFERS, "SignAndEncrypt"), "Basic256Sha256");
  assert.equal(strongest(OFFERS, "Sign"), "Aes256_Sha256_RsaPss");
});

Deno.test("strongest() never takes None", () => {
  assert.equal(strongest([{ policy: "None", mode: "None" }], "None"), undefined);
  assert.equal(strongest([{ policy: "None", mode: "None" }], "SignAndEncrypt"), undefined);
});

Deno.test("isLegacy() names the two policies that rest on SHA-1", () => {
  assert.deepEqual(POLICIES.filter(isLegacy), ["Basic128Rsa15", "Basic256"]);
});
