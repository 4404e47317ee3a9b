import { PKI_FOLDER } from "./pki_folder.ts";

/** A refusal of a server's certificate, for people. */
export interface Refused {
  /** SHA-1 of the certificate. */
  readonly mark: string;
  /** The name of its status code. */
  readonly status: string;
  /** What was found wrong beyond what the status says. */
  readonly why?: string | undefined;
  /** The file that the certificate was put into, under the home directory. */
  readonly file: string;
}

/** What is wrong with a certificate that the folders refuse, and what a person has to do about it. */
export function adviceOn({ mark, status, why, file }: Refused): string {
  if (why !== undefined && REMEDIES.has(status)) return `${why} (${status}, certificate ${mark})`;
  if (why !== undefined) return `${why} (${status}, thumbprint ${mark}). ${remedyOf(status, file)}`;
  const remedy = REMEDIES.get(status);
  if (remedy) return `${remedy} (${status}, certificate ${mark})`;
  if (status !== "BadCertificateUntrusted") return `its certificate (thumbprint ${mark}) is not valid: ${status}`;
  return `its certificate is not trusted (${status}, thumbprint ${mark}); it was put into ${file}. ` +
    `If it is the right server, move that file to ${TRUSTED}`;
}

const TRUSTED = `${PKI_FOLDER}/trusted/certs`;

/** An authority's word is not enough; trusting the certificate itself is. */
function remedyOf(status: string, file: string): string {
  const trust = `move ${file} to ${TRUSTED}: that one certificate is then trusted as it is`;
  if (status !== "BadCertificateHostNameInvalid") {
    return `Have the server's certificate made anew; or, if it is the right server, ${trust}`;
  }
  return "Write one of its names in endpoint, or have the server's certificate made for this one; if it is the right server " +
    `under another name, ${trust}. security.certificates.validation.verify_hostname: false lets every name pass`;
}

/** What a person has to do about a certificate that an authority signed. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  [
    "BadCertificateRevocationUnknown",
    `an authority signed its certificate, and that authority's revocation list is missing: put it into ${PKI_FOLDER}/trusted/crl`,
  ],
  [
    "BadCertificateIssuerRevocationUnknown",
    `the revocation list of an authority above its own is missing: put it into ${PKI_FOLDER}/issuers/crl`,
  ],
  [
    "BadCertificateChainIncomplete",
    `the authority that signed its certificate is not known: put that authority's certificate into ${PKI_FOLDER}/trusted/certs, ` +
    `those above it into ${PKI_FOLDER}/issuers/certs, and their revocation lists beside them into crl`,
  ],
  ["BadCertificateRevoked", "its authority has revoked its certificate: it needs a new one"],
  ["BadCertificateTimeInvalid", "its certificate is not valid now: compare its dates with both clocks, or renew it"],
  ["BadCertificateIssuerTimeInvalid", "the certificate of its authority is not valid now: renew it"],
]);
