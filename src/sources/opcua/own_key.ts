import { crypto_utils } from "node-opcua-client";
import { X509Certificate } from "node:crypto";
import { hostname } from "node:os";
import { infoOf, linkFree } from "../../core/home_file.ts";
import { PKI_FOLDER, removeIfThere } from "./pki_folder.ts";

const KEY_BITS = 2048;
/** A key is found by the SHA-256 of its certificate: the two are one pair, whatever the certificate's file is called. */
const FOLDER = `${PKI_FOLDER}/own/private`;
const KEY_FILE = /^[0-9a-f]{64}\.pem$/;

export interface PairOptions {
  readonly name: string;
  readonly applicationUri: string;
  readonly begins: Date;
  readonly days: number;
}

/** A certificate, PEM, that nobody has a file of yet. Its key is in its place already. */
export async function makePair(home: string, { name, applicationUri, begins, days }: PairOptions): Promise<string> {
  const { privateKey } = await crypto_utils.generateKeyPair(KEY_BITS);
  const { cert } = await crypto_utils.createSelfSignedCertificate({
    privateKey,
    applicationUri,
    dns: [hostname()],
    subject: `/CN=${name}@${hostname()}`,
    notBefore: begins,
    validity: days,
    purpose: crypto_utils.CertificatePurpose.ForApplication,
  });
  const { privPem } = await crypto_utils.privateKeyToPEM(privateKey);
  writeNew(linkFree(home, `${home}/${keyPath(new X509Certificate(cert))}`), privPem);
  return cert;
}

/** The key of a certificate that was made here, an absolute path; undefined where it has none of its own. */
export function keyFileOf(home: string, certificate: X509Certificate): string | undefined {
  const file = linkFree(home, `${home}/${keyPath(certificate)}`);
  return infoOf(file) ? file : undefined;
}

/** Deletes keys without a certificate: of one that was replaced twice, was taken away, or came second. */
export function dropOtherKeys(home: string, certificates: readonly X509Certificate[]): void {
  const kept = new Set(certificates.map(keyPath));
  for (const { name } of Deno.readDirSync(linkFree(home, `${home}/${FOLDER}`))) {
    if (KEY_FILE.test(name) && !kept.has(`${FOLDER}/${name}`)) removeIfThere(`${home}/${FOLDER}/${name}`);
  }
}

/** Writes a file that was not there, for its owner alone, and waits until it is on disk. */
export function writeNew(path: string, text: string): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
}

function keyPath({ fingerprint256 }: X509Certificate): string {
  return `${FOLDER}/${fingerprint256.replaceAll(":", "").toLowerCase()}.pem`;
}
