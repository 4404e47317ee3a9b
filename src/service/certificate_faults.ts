/** What is wrong with a certificate for what it is used for, in words. */
import type { X509Certificate } from "node:crypto";
import type { CertificateFacts, KeyUsage } from "../security/mod.ts";

const DAY_MS = 86_400_000;
/** A month is enough to have a new one made, a week is not. */
export const SOON_DAYS = 30;
export const NOW_DAYS = 7;
const MIN_RSA_BITS = 2048;

/** What a certificate is for: what is asked of it hangs on that. */
export type CertificateUse = "opcua_application" | "opcua_user" | "tls_client" | "tls_server" | "authority" | "peer";

export interface CertificateFault {
  /** bad: it does not work, or will not within a week. */
  readonly level: "bad" | "warn";
  readonly text: string;
}

export function daysLeft(certificate: X509Certificate, nowMs: number): number {
  return Math.floor((Date.parse(certificate.validTo) - nowMs) / DAY_MS);
}

/** @throws {Error} when it cannot be read by a second library */
export async function certificateFaults(
  certificate: X509Certificate,
  { nowMs, uses }: { readonly nowMs: number; readonly uses: readonly CertificateUse[] },
): Promise<CertificateFault[]> {
  const { certificateFacts } = await import("../security/certificate_facts.ts");
  const facts = certificateFacts(certificate.raw);
  return [
    ...dateFaults(certificate, nowMs),
    ...weaknesses(facts),
    ...uses.flatMap((use) => useFaults(certificate, facts, use)),
  ];
}

function dateFaults(certificate: X509Certificate, nowMs: number): CertificateFault[] {
  const days = daysLeft(certificate, nowMs);
  if (Date.parse(certificate.validFrom) > nowMs) {
    return [{
      level: "bad",
      text: `It is not valid before ${dayOf(certificate.validFrom)}: compare this host's clock`,
    }];
  }
  if (days < 0) return [{ level: "bad", text: `It ended on ${dayOf(certificate.validTo)}: peers refuse it; renew it` }];
  if (days >= SOON_DAYS) return [];
  const text = `It ends on ${dayOf(certificate.validTo)}: have a new one made`;
  return [{ level: days < NOW_DAYS ? "bad" : "warn", text }];
}

function weaknesses({ rsaBits, hash }: CertificateFacts): CertificateFault[] {
  const faults: CertificateFault[] = [];
  if (rsaBits !== undefined && rsaBits < MIN_RSA_BITS) {
    faults.push({
      level: "warn",
      text: `Its key has ${rsaBits} bits, and peers of today want ${MIN_RSA_BITS} at least`,
    });
  }
  if (/^(SHA-1|MD5)$/.test(hash)) {
    faults.push({ level: "warn", text: `It is signed with ${hash}, which can be forged` });
  }
  return faults;
}

/** OPC UA Part 6, 6.2.2. */
const APPLICATION: readonly KeyUsage[] = ["digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment"];

function useFaults(certificate: X509Certificate, facts: CertificateFacts, use: CertificateUse): CertificateFault[] {
  switch (use) {
    case "opcua_application":
      return [
        ...lacking(facts, APPLICATION, "OPC UA servers"),
        ...uriFaults(certificate),
        ...purposeFaults(facts, use),
      ];
    case "opcua_user":
      return lacking(facts, ["digitalSignature"], "OPC UA servers");
    case "tls_client":
    case "tls_server":
      return [...lacking(facts, ["digitalSignature"], "TLS"), ...purposeFaults(facts, use)];
    case "authority":
      return certificate.ca
        ? []
        : [{ level: "warn", text: "It is no authority: only the peer that has it is let in by it" }];
    case "peer":
      return [];
    default:
      return use satisfies never;
  }
}

function lacking({ keyUsages }: CertificateFacts, wanted: readonly KeyUsage[], by: string): CertificateFault[] {
  const missing = wanted.filter((usage) => keyUsages && !keyUsages.has(usage));
  if (missing.length === 0) return [];
  const text = `It lacks the key usage ${missing.join(", ")}, which ${by} may ask for: have it made with that`;
  return [{ level: "warn", text }];
}

function uriFaults({ subjectAltName = "" }: X509Certificate): CertificateFault[] {
  if (/(^|, )URI:/.test(subjectAltName)) return [];
  return [{
    level: "bad",
    text: "It has no application URI (URI in the subject's other names): OPC UA servers refuse it",
  }];
}

function purposeFaults(
  { purposes }: CertificateFacts,
  use: "opcua_application" | "tls_client" | "tls_server",
): CertificateFault[] {
  const wanted = use === "tls_server" ? "serverAuth" : "clientAuth";
  if (!purposes || purposes.has(wanted)) return [];
  return [{ level: "warn", text: `Its extended key usage lacks ${wanted}, which the peer may ask for` }];
}

function dayOf(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}
