import { OPCUACertificateManager } from "node-opcua-certificate-manager";
import { type StatusCode, StatusCodes } from "node-opcua-client";
import { createHash } from "node:crypto";
import { readCertificateFile } from "./certificate_file.ts";
import { AuthError } from "../../core/error.ts";
import { linkFree } from "../../core/home_file.ts";

/** Under the home directory: own/, trusted/certs/, trusted/crl/, issuers/, rejected/, as OPC UA Part 12 lays them out. */
export const PKI_FOLDER = "certs/opcua";

/** What the trust store said about the certificate that a server showed. */
interface Verdict {
  readonly certificate: Uint8Array;
  readonly status: string;
}

export interface TrustOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** The one certificate to accept, a file under the home directory; null for the folder of trusted ones. */
  readonly pinned: string | null;
}

/** Decides which servers are trusted. Opened for one connection, so that what was trusted meanwhile counts. */
export class TrustStore implements AsyncDisposable {
  /** What the library asks. */
  readonly manager: OPCUACertificateManager;
  readonly #options: TrustOptions;
  #verdict: Verdict | undefined;

  constructor(options: TrustOptions) {
    this.#options = options;
    // Watching the folders would keep the process alive; a store is read anew for each connection instead.
    this.manager = new OPCUACertificateManager({
      rootFolder: linkFree(options.home, `${options.home}/${PKI_FOLDER}`),
      automaticallyAcceptUnknownCertificate: false,
      disableFileWatchers: true,
      keySize: 2048,
    });
    const byFolder = this.manager.checkCertificate.bind(this.manager) as (chain: Uint8Array) => Promise<StatusCode>;
    // The library calls it with one certificate or chain and awaits; the declared overloads with callbacks are not used.
    this.manager.checkCertificate = ((chain: Uint8Array) => this.#check(chain, byFolder)) as never;
  }

  /** The refusal of the server's certificate, when that is why the connection failed. */
  refusal(endpoint: string): AuthError | undefined {
    if (!this.#verdict || this.#verdict.status === "Good") return undefined;
    const { certificate, status } = this.#verdict;
    return new AuthError("opcua_untrusted_server", `Cannot trust ${endpoint}: ${this.#advice(certificate, status)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.manager.dispose();
  }

  async #check(chain: Uint8Array, byFolder: (chain: Uint8Array) => Promise<StatusCode>): Promise<StatusCode> {
    const { home, pinned } = this.#options;
    const status = pinned === null
      ? await byFolder(chain)
      : sameBytes(leafOf(chain), readCertificateFile(home, pinned))
      ? StatusCodes.Good
      : StatusCodes.BadCertificateUntrusted;
    this.#verdict = { certificate: leafOf(chain), status: status.name };
    return status;
  }

  #advice(certificate: Uint8Array, status: string): string {
    const { pinned } = this.#options;
    const mark = thumbprint(certificate);
    if (pinned !== null) {
      return `its certificate (thumbprint ${mark}) is not the one in server_certificate_path ${pinned} (${status})`;
    }
    const remedy = REMEDIES.get(status);
    if (remedy) return `${remedy} (${status}, certificate ${mark})`;
    if (status !== "BadCertificateUntrusted") return `its certificate (thumbprint ${mark}) is not valid: ${status}`;
    const file = this.#rejectedFile(mark);
    return `its certificate is not trusted (${status}, thumbprint ${mark}); it was put into ${file}. ` +
      `If it is the right server, move that file to ${PKI_FOLDER}/trusted/certs`;
  }

  #rejectedFile(mark: string): string {
    const folder = `${PKI_FOLDER}/rejected`;
    for (const { name } of Deno.readDirSync(`${this.#options.home}/${folder}`)) {
      if (name.toLowerCase().includes(mark)) return `${folder}/${name}`;
    }
    return folder;
  }
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

/** The first certificate of a chain (DER, one behind the other): the server's own. */
function leafOf(chain: Uint8Array): Uint8Array {
  const [tag, first = 0] = chain;
  if (tag !== 0x30) return chain; // no DER sequence: judged as it is
  const count = first < 0x80 ? 0 : first & 0x7f;
  let length = count === 0 ? first : 0;
  for (const byte of chain.subarray(2, 2 + count)) length = length * 256 + byte;
  return chain.subarray(0, 2 + count + length);
}

/** SHA-1 of the certificate, by which OPC UA tools name it (Part 6, 6.2.2). Not a safeguard. */
function thumbprint(certificate: Uint8Array): string {
  return createHash("sha1").update(certificate).digest("hex");
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
