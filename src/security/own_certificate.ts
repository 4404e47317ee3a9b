/** The certificate of the web listener, where the configuration names none. */
import { isIP } from "node:net";
import { X509Certificate } from "node:crypto";
import { infoOf, linkFree, makeDirectory, replaceFile } from "../core/home_file.ts";

const FOLDER = "certs/gui";
const DAY_MS = 86_400_000;
const VALID_DAYS = 397; // what browsers take of a certificate that somebody trusts (CA/Browser Forum, 6.3.2)
const RENEW_DAYS = 30;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Both PEM text. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface OwnCertificateOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** Names and addresses by which browsers reach the listener. */
  readonly hosts: readonly string[];
  readonly nowMs: number;
}

/** Reads it, or makes it anew where there is none, it ends within 30 days, or lacks a name. */
export async function ownCertificate(options: OwnCertificateOptions): Promise<KeyedCertificate> {
  const kept = readKept(options.home);
  if (kept && isGood(kept.certificate, options)) return kept;
  const made = await make(options);
  makeDirectory(options.home, `${options.home}/${FOLDER}`);
  replaceFile(options.home, `${options.home}/${FOLDER}/key.pem`, made.privateKey);
  replaceFile(options.home, `${options.home}/${FOLDER}/certificate.pem`, made.certificate);
  return made;
}

function readKept(home: string): KeyedCertificate | undefined {
  const [certificate, key] = ["certificate.pem", "key.pem"].map((name) => `${home}/${FOLDER}/${name}`) as [
    string,
    string,
  ]; // two names
  if (!infoOf(certificate)?.isFile || !infoOf(key)?.isFile) return undefined;
  return {
    certificate: Deno.readTextFileSync(linkFree(home, certificate)),
    privateKey: Deno.readTextFileSync(linkFree(home, key)),
  };
}

function isGood(pem: string, { hosts, nowMs }: OwnCertificateOptions): boolean {
  try {
    const { validTo, validFrom, subjectAltName = "" } = new X509Certificate(pem);
    const names = subjectAltName.toLowerCase().split(", ").map((name) => name.replace(/^(dns|ip address):/, ""));
    const hasTime = Date.parse(validFrom) <= nowMs && Date.parse(validTo) - nowMs > RENEW_DAYS * DAY_MS;
    return hasTime && hosts.filter((host) => !host.includes(":")).every((host) => names.includes(host.toLowerCase()));
  } catch {
    return false; // no certificate: made anew
  }
}

/** The library is loaded here alone: once a year. */
async function make({ hosts, nowMs }: OwnCertificateOptions): Promise<KeyedCertificate> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const names = hosts.map((host) => ({ type: isIP(host) === 0 ? "dns" as const : "ip" as const, value: host }));
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=IoT connector",
    notBefore: new Date(nowMs - DAY_MS), // other clocks may be behind ours
    notAfter: new Date(nowMs + VALID_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certificate: certificate.toString("pem"), privateKey: x509.PemConverter.encode(key, "PRIVATE KEY") };
}

/** Positive, and never the same twice (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = bytes[0]! & 0x7f | 0x40;
  return bytes.toHex();
}
