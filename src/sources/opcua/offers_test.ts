import assert from "node:assert/strict";
import { AuthError, ConfigError } from "../../core/error.ts";
import { checkDowngrade, chosenPolicy } from "./offers.ts";
import type { Offer } from "./policies.ts";

const PLC = "opc.tcp://plc:4840";
const OLD: Offer = { policy: "Basic128Rsa15", mode: "SignAndEncrypt" };
const NEW: Offer = { policy: "Aes256_Sha256_RsaPss", mode: "SignAndEncrypt" };

Deno.test("chosenPolicy() says what the server offers where it offers nothing with the mode", () => {
  const offers: readonly Offer[] = [{ policy: "None", mode: "None" }, { policy: "Basic256Sha256", mode: "Sign" }];
  assert.throws(() => chosenPolicy(PLC, offers, "SignAndEncrypt"), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /no security with SignAndEncrypt, but None with None, Basic256Sha256 with Sign;/);
    return true;
  });
  assert.equal(chosenPolicy(PLC, [...offers, OLD], "SignAndEncrypt"), "Basic128Rsa15");
});

Deno.test("checkDowngrade() takes a server's list for changed that is longer through the secured channel", () => {
  const mode = "SignAndEncrypt";
  checkDowngrade(PLC, { chosen: "Aes256_Sha256_RsaPss", mode, offers: [OLD, NEW] });
  assert.throws(() => checkDowngrade(PLC, { chosen: "Basic128Rsa15", mode, offers: [OLD, NEW] }), (error) => {
    assert.ok(error instanceof AuthError);
    assert.match(error.message, /had Basic128Rsa15 as its best security, .* has Aes256_Sha256_RsaPss/);
    return true;
  });
});
