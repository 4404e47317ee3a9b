/** The certificate of the web listener, where the configuration names none. */
import { X509Certificate } from "node:crypto";
import type { KeyedCertificate, OwnCertificateOptions } from "./certificate_options.ts";
import { infoOf, linkFree, makeDirectory, replaceFile } from "../core/home_file.ts";

const FOLDER = "certs/gui";
const DAY_MS = 86_400_000;
const RENEW_DAYS = 30;

/** Reads it, or makes it anew where there is none, it ends within 30 days, or lacks a name. */
export async function ownCertificate(options: OwnCertificateOptions): Promise<KeyedCertificate> {
  const kept = readKept(options.home);
  if (kept && isGood(kept.certificate, options)) return kept;
  const { makeCertificate } = await import("./make_certificate.ts"); // its library is needed once a year
  const made = await makeCertificate(options);
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
