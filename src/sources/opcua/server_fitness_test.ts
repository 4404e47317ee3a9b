import assert from "node:assert/strict";
import { crypto_utils } from "node-opcua-client";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { unfitness } from "./server_fitness.ts";

const { x509 } = crypto_utils;
type Extensions = ConstructorParameters<typeof x509.Extension>;

const EXPECTED = { endpoint: "opc.tcp://plc1:4840", uri: "urn:plc1" };
const DNS = [0x82, 4, ...new TextEncoder().encode("plc1")];
const URI = [0x86, 8, ...new TextEncoder().encode("urn:plc1")];
/** otherName, as some authorities write the name of a user's account. */
const ACCOUNT = [0xa0, 13, 0x06, 3, 0x2a, 3, 4, 0xa0, 6, 0x0c, 4, 0x61, 0x40, 0x62, 0x63];
/** x400Address, empty. */
const POSTAL = [0xa3, 2, 0x30, 0];

await hostNameAsked();

async function certificateWith(...extensions: Extensions[]): Promise<Uint8Array> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=plc1",
    keys: await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]),
    signingAlgorithm: { ...algorithm, hash: "SHA-256" },
    extensions: extensions.map((each) => new x509.Extension(...each)),
  });
  return new Uint8Array(certificate.rawData);
}

function names(...parts: readonly number[][]): Extensions {
  const bytes = parts.flat();
  return ["2.5.29.17", false, Uint8Array.from([0x30, bytes.length, ...bytes])];
}

Deno.test("unfitness() finds the names among those of other kinds, and takes what is not stated as no restriction", async () => {
  assert.equal(unfitness(await certificateWith(names(ACCOUNT, DNS, URI)), EXPECTED), undefined);
});

Deno.test("unfitness() refuses a certificate whose names cannot be read", async () => {
  const fault = unfitness(await certificateWith(names(POSTAL, DNS, URI)), EXPECTED);
  assert.equal(fault?.status, "BadCertificateInvalid");
  assert.match(fault?.why ?? "", /cannot be read: /);
});

const USAGES: readonly (readonly [what: string, extension: Extensions, isFit: boolean])[] = [
  ["signing and encrypting keys", ["2.5.29.15", true, Uint8Array.from([3, 2, 5, 0xa0])], true],
  ["signing alone", ["2.5.29.15", true, Uint8Array.from([3, 2, 7, 0x80])], false],
  ["encrypting alone", ["2.5.29.15", true, Uint8Array.from([3, 2, 5, 0x20])], false],
  ["any purpose", ["2.5.29.37", false, Uint8Array.from([0x30, 6, 6, 4, 0x55, 0x1d, 0x25, 0])], true],
  ["mail", ["2.5.29.37", false, Uint8Array.from([0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 4])], false],
];
for (const [what, extension, isFit] of USAGES) {
  Deno.test(`unfitness() ${isFit ? "accepts" : "refuses"} a certificate that is for ${what}`, async () => {
    const fault = unfitness(await certificateWith(extension, names(DNS, URI)), EXPECTED);
    assert.equal(fault?.status, isFit ? undefined : "BadCertificateUseNotAllowed");
  });
}
