import assert from "node:assert/strict";
import { fileKindOf } from "./certificates.ts";
import { colons, commonName } from "./trust.ts";

Deno.test("fileKindOf() knows settings of certificates and of private keys by their keys", () => {
  const kinds = Object.entries({
    certificate_path: "certificate",
    server_certificate_path: "certificate",
    ca_cert_path: "certificate",
    client_cert_path: "certificate",
    ca_bundle_path: "certificate",
    private_key_path: "key",
    user_private_key_path: "key",
    client_key_path: "key",
    encryption_key_path: undefined,
    secret_access_key_path: undefined,
    browse_path: undefined,
    token_path: undefined,
  });
  assert.deepEqual(kinds.map(([key]) => [key, fileKindOf(key)]), kinds);
});

Deno.test("commonName() takes the nearest name of a subject, and all of it where there is none", () => {
  assert.equal(commonName("O=Plant, CN=press 4, line 2"), "press 4, line 2");
  assert.equal(commonName("CN=urn:plant, CN=press, O=Plant"), "press");
  assert.equal(commonName("O=Plant"), "O=Plant");
  assert.equal(commonName(""), "without a name");
});

Deno.test("colons() writes fingerprints as tools do", () => {
  assert.equal(colons("0aff12"), "0A:FF:12");
});
