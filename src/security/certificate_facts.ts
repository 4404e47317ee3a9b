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
  /** As `nameText` writes it. */
  readonly subject: string;
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
    subject: certificate.subject,
  };
}

function purposeOf(oid: string): "serverAuth" | "clientAuth" | "other" {
  if (oid === x509.ExtendedKeyUsage.serverAuth) return "serverAuth";
  return oid === x509.ExtendedKeyUsage.clientAuth ? "clientAuth" : "other";
}

/** A name as people write it: `CN=Plant`. `der`: as it stands in a certificate. */
export function nameText(der: Uint8Array): string {
  return new x509.Name(new Uint8Array(der)).toString();
}
