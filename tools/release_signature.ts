/** A detached signature over a file: Ed25519 (RFC 8032), 64 bytes, as `openssl pkeyutl -rawin` makes and verifies it. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";

/** The key of whoever releases, from a PEM file (`openssl genpkey -algorithm ed25519`). @throws {TypeError} for another kind */
export function signingKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new TypeError(
    `The key must be one of Ed25519, and is one of ${key.asymmetricKeyType}: make it with ` +
      "openssl genpkey -algorithm ed25519 -out release.key",
  );
}

export function signatureOf(bytes: Uint8Array, key: KeyObject): Uint8Array {
  return sign(null, bytes, key);
}

/** The public half, PEM, for whoever verifies. */
export function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
}
