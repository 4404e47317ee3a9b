import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { RevocationList } from "./revocation_list.ts";

const ECDSA_SHA256 = value(0x30, value(0x06, Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2)));
const NAME = value(0x30, value(0x31, value(0x30, value(0x06, Uint8Array.of(0x55, 4, 3)), text(0x0c, "Plant"))));
const CRITICAL = value(0x01, Uint8Array.of(0xff));
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

Deno.test("RevocationList.read() reads a list of 100,000 certificates, finds each, and knows who signed it", () => {
  const entries = Array.from({ length: 100_000 }, (_, i) => entry(Uint8Array.of(0, 0x90 + (i >> 16), i >> 8, i)));
  const list = RevocationList.read(signed(privateKey, NAME, time("260101120000Z"), value(0x30, ...entries)));
  assert.equal(list.count, 100_000);
  assert.equal(list.thisUpdate.toISOString(), "2026-01-01T12:00:00.000Z");
  assert.equal(list.nextUpdate, undefined);
  assert.ok(list.names("91869F") && list.names("00900000"));
  assert.ok(!list.names("9186A0"));
  assert.ok(list.isSignedBy(publicKey));
  assert.ok(!list.isSignedBy(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey));
  assert.ok(!list.isSignedBy(generateKeyPairSync("ed25519").publicKey));
});

Deno.test("RevocationList.read() reads PEM, no entries, and when the next is due", () => {
  const der = signed(privateKey, NAME, time("491231000000Z"), text(0x18, "20510102030405Z"));
  const pem = `-----BEGIN X509 CRL-----\n${der.toBase64()}\n-----END X509 CRL-----\n`;
  const list = RevocationList.read(new TextEncoder().encode(pem));
  assert.deepEqual([list.count, list.thisUpdate.getUTCFullYear()], [0, 2049]);
  assert.equal(list.nextUpdate?.toISOString(), "2051-01-02T03:04:05.000Z");
  assert.deepEqual(list.der, der);
});

Deno.test("RevocationList.read() says why a file is none", () => {
  const nameless = value(0x30, value(0x30, text(0x04, "x"), time("260101120000Z")));
  const faults: [Uint8Array, RegExp][] = [
    [new TextEncoder().encode("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"), /no X509 CRL in it/],
    [Uint8Array.of(1, 2, 3), /neither DER nor PEM/],
    [Uint8Array.of(0x30, 2, 3), /cannot be read/],
    [value(0x30, value(0x30)), /no signature/],
    [signed(privateKey, NAME, text(0x17, "soon")), /a time in it cannot be read/],
    [signed(privateKey, NAME, time("260101120000Z"), nameless), /without a number/],
    [extended(27), /it is a delta/],
    [extended(28), /it is a list of a part/],
    [extended(99, CRITICAL), /a critical extension \(2\.5\.29\.99\)/],
  ];
  for (const [file, why] of faults) assert.throws(() => RevocationList.read(file), why);
  assert.equal(RevocationList.read(extended(20)).count, 0); // the number of the list
});

function signed(key: KeyObject, ...content: readonly Uint8Array[]): Uint8Array {
  const list = value(0x30, value(0x02, Uint8Array.of(1)), ECDSA_SHA256, ...content);
  return value(0x30, list, ECDSA_SHA256, value(0x03, Uint8Array.of(0), sign("sha256", list, key)));
}

function extended(number: number, ...critical: readonly Uint8Array[]): Uint8Array {
  const name = value(0x06, Uint8Array.of(0x55, 29, number));
  const extensions = value(0xa0, value(0x30, value(0x30, name, ...critical, value(0x04))));
  return signed(privateKey, NAME, time("260101120000Z"), extensions);
}

function entry(serialNumber: Uint8Array): Uint8Array {
  return value(0x30, value(0x02, serialNumber), time("260101000000Z"));
}

function time(digits: string): Uint8Array {
  return text(0x17, digits);
}

function text(tag: number, content: string): Uint8Array {
  return value(tag, new TextEncoder().encode(content));
}

function value(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const size = length < 0x80 ? [length] : [0x83, length >> 16 & 0xff, length >> 8 & 0xff, length & 0xff];
  const whole = new Uint8Array(1 + size.length + length);
  whole.set([tag, ...size]);
  let at = 1 + size.length;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
