/** What a certificate says of its own use, which node:crypto does not tell. Loaded by `import()`: its library is large. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

export interface CertificateFacts {
  /** By their names in RFC 5280, 4.2.1.3; undefined: any. */
  readonly keyUsages: ReadonlySet<KeyUsage> | undefined;
  /** Undefined: any. */
  readonly purposes: ReadonlySet<"serverAuth" | "clientAuth" | "other"> | undefined;
  /** Bits of an RSA key. */
  readonly rsaBits: number | undefined;
  /** `SHA-256`. */
  readonly hash: string;
}

export const KEY_USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

const ANY_PURPOSE = "2.5.29.37.0";

/** @throws {Error} when it is no certificate */
export function certificateFacts(der: Uint8Array): CertificateFacts {
  const certificate = new x509.X509Certificate(new Uint8Array(der));
  const flags = certificate.getExtension(x509.KeyUsagesExtension)?.usages;
  const purposes = certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String);
  const { modulusLength } = certificate.publicKey.algorithm as { modulusLength?: number };
  const { hash } = certificate.signatureAlgorithm as { hash?: { name?: string } };
  return {
    keyUsages: flags === undefined ? undefined : new Set(KEY_USAGES.filter((_, bit) => (flags & 1 << bit) !== 0)),
    purposes: purposes === undefined || purposes.includes(ANY_PURPOSE) ? undefined : new Set(purposes.map(purposeOf)),
    rsaBits: modulusLength,
    hash: hash?.name ?? "",
  };
}

function purposeOf(oid: string): "serverAuth" | "clientAuth" | "other" {
  if (oid === x509.ExtendedKeyUsage.serverAuth) return "serverAuth";
  return oid === x509.ExtendedKeyUsage.clientAuth ? "clientAuth" : "other";
}

/** What a revocation list says of itself. */
export interface RevocationListFacts {
  readonly issuer: string;
  /** ISO 8601. */
  readonly this_update: string;
  /** When the next one is due; null: it does not say. */
  readonly next_update: string | null;
  readonly revoked: number;
}

/** Of DER or PEM. @throws {Error} when it is no list */
export function revocationListFacts(file: Uint8Array): RevocationListFacts & { readonly der: Uint8Array } {
  const text = new TextDecoder("latin1").decode(file.subarray(0, 64)).includes("-----BEGIN");
  const list = new x509.X509Crl(text ? new TextDecoder().decode(file) : new Uint8Array(file));
  const { issuer, thisUpdate, nextUpdate, entries, rawData } = list;
  return {
    issuer,
    this_update: thisUpdate.toISOString(),
    next_update: nextUpdate?.toISOString() ?? null,
    revoked: entries.length,
    der: new Uint8Array(rawData),
  };
}
