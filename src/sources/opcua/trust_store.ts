import { OPCUACertificateManager } from "node-opcua-certificate-manager";
import { type StatusCode, StatusCodes } from "node-opcua-client";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { authoritiesOf, certificatesOf } from "./authorities.ts";
import { readCertificateFile } from "./certificate_file.ts";
import { noteMet } from "./met_servers.ts";
import { makePkiFolders, PKI_FOLDER, trimRejected } from "./pki_folder.ts";
import { type RevocationFault, revocationFault } from "./revocation.ts";
import { type Unfit, unfitIssuer, unfitness } from "./server_fitness.ts";
import { adviceOn } from "./trust_advice.ts";
import { AuthError } from "../../core/error.ts";
import { linkFree } from "../../core/home_file.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { CertificateRules } from "../../core/source.ts";

/** What the trust store said about the certificate that a server showed. */
interface Verdict {
  readonly chain: Uint8Array;
  readonly status: StatusCode;
  /** What was found wrong, where the status says too little. */
  readonly why?: string;
  /** Nobody trusted it by itself: an authority answers for it. */
  readonly isVouched?: boolean;
}

export interface TrustOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** The one certificate to accept, a file under the home directory; null for the folder of trusted ones. */
  readonly pinned: string | null;
  /** The server's, by which it is reached. */
  readonly endpoint: string;
  readonly rules: CertificateRules;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A chain of five has some 8 KiB. What is turned away is kept, so it is bounded. */
const MAX_CHAIN_BYTES = 32 * 1024;

const LIST_MISSING: ReadonlySet<string> = new Set([
  "BadCertificateRevocationUnknown",
  "BadCertificateIssuerRevocationUnknown",
]);

/** Decides which servers are trusted. Opened for one connection, so that what was trusted meanwhile counts. */
export class TrustStore implements AsyncDisposable {
  /** What the library asks. */
  readonly manager: OPCUACertificateManager;
  readonly #options: TrustOptions;
  readonly #byFolder: (chain: Uint8Array) => Promise<StatusCode>;
  #verdict: Verdict | undefined;
  #uri: string | undefined;

  constructor(options: TrustOptions) {
    this.#options = options;
    makePkiFolders(options.home);
    // Watching the folders would keep the process alive; a store is read anew for each connection instead.
    this.manager = new OPCUACertificateManager({
      rootFolder: linkFree(options.home, `${options.home}/${PKI_FOLDER}`),
      automaticallyAcceptUnknownCertificate: false,
      disableFileWatchers: true,
      keySize: 2048,
    });
    this.#byFolder = this.manager.checkCertificate.bind(this.manager) as (chain: Uint8Array) => Promise<StatusCode>;
    // The library calls it with one certificate or chain and awaits; the declared overloads with callbacks are not used.
    this.manager.checkCertificate = ((chain: Uint8Array) => this.#check(chain)) as never;
  }

  /** The refusal of the server's certificate, when that is why the connection failed. */
  refusal(): AuthError | undefined {
    if (!this.#verdict || this.#verdict.status.isGood()) return undefined;
    return new AuthError(
      "opcua_untrusted_server",
      `Cannot trust ${this.#options.endpoint}: ${this.#advice(this.#verdict)}`,
    );
  }

  /**
   * Holds the certificate that was accepted against the application's URI that the server states.
   * @throws {AuthError} when an authority answers for it, and it is another application's
   */
  async checkUri(uri: string): Promise<void> {
    this.#uri = uri;
    if (!this.#verdict?.isVouched) return;
    const { chain } = this.#verdict;
    const fault = unfitness(leafOf(chain), { endpoint: null, uri });
    if (!fault) return;
    this.#verdict = await this.#turnAway(chain, fault);
    throw this.refusal();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.manager.dispose();
  }

  async #check(chain: Uint8Array): Promise<StatusCode> {
    const { pinned, home, endpoint, clock } = this.#options;
    this.#verdict = chain.length > MAX_CHAIN_BYTES
      ? { chain, status: StatusCodes.BadCertificateInvalid }
      : pinned === null
      ? await this.#judge(chain)
      : { chain, status: this.#byPin(chain, pinned) };
    if (!this.#verdict.status.isGood()) trimRejected(home);
    noteMet(home, thumbprint(leafOf(chain)), { endpoint, nowMs: clock.nowUs() / 1000 });
    return this.#verdict.status;
  }

  #byPin(chain: Uint8Array, pinned: string): StatusCode {
    const isPinned = sameBytes(leafOf(chain), readCertificateFile(this.#options.home, pinned));
    return isPinned ? StatusCodes.Good : StatusCodes.BadCertificateUntrusted;
  }

  async #judge(chain: Uint8Array): Promise<Verdict> {
    const status = await this.#askFolders(chain);
    if (!status.isGood()) return { chain, status };
    const authorities = await authoritiesOf(this.manager, chain);
    const isVouched = authorities.length > 0 && !await this.#isTrustedItself(chain);
    const unfit = isVouched ? this.#unfitness(chain, authorities) : undefined;
    if (unfit) return await this.#turnAway(chain, unfit);
    const fault = this.#revocationFault([leafOf(chain), ...authorities]);
    if (!fault) return { chain, status, isVouched };
    return { chain, status: StatusCodes[fault.status], ...fault.why === undefined ? {} : { why: fault.why } };
  }

  /** Puts it where a person finds it, and may trust it. */
  async #turnAway(chain: Uint8Array, { status, why }: Unfit): Promise<Verdict> {
    await this.manager.rejectCertificate(Buffer.from(leafOf(chain)));
    return { chain, status: StatusCodes[status], why };
  }

  /** Whether a list is missing is asked afterwards: the library cannot read one that states no next update. */
  async #askFolders(chain: Uint8Array): Promise<StatusCode> {
    const status = await this.#byFolder(chain);
    if (!LIST_MISSING.has(status.name)) return status;
    const leniently = { acceptCertificateWithValidIssuerChain: true, ignoreMissingRevocationList: true };
    return StatusCodes[await this.manager.verifyCertificate(Buffer.from(chain), leniently)];
  }

  #revocationFault(path: readonly Uint8Array[]): RevocationFault | undefined {
    const { home, rules: { checkRevocation: rule }, clock, log } = this.#options;
    return revocationFault(path, { home, rule, nowMs: clock.nowUs() / 1000, log });
  }

  /** The library's strict way: an authority's word does not count. */
  async #isTrustedItself(chain: Uint8Array): Promise<boolean> {
    return await this.manager.verifyCertificate(Buffer.from(chain), { ignoreMissingRevocationList: true }) === "Good";
  }

  /** Where an authority answers for a certificate. It may have been shown with it, or be in a folder. */
  #unfitness(chain: Uint8Array, authorities: readonly Uint8Array[]): Unfit | undefined {
    const { endpoint, rules } = this.#options;
    const [leaf = chain, ...shown] = certificatesOf(chain);
    for (const authority of [...authorities, ...shown]) {
      const fault = unfitIssuer(authority);
      if (fault) return fault;
    }
    return unfitness(leaf, { endpoint: rules.verifyHostname ? endpoint : null, uri: this.#uri });
  }

  #advice({ chain, status, why }: Verdict): string {
    const { pinned } = this.#options;
    const mark = thumbprint(leafOf(chain));
    if (pinned !== null) {
      return `its certificate (thumbprint ${mark}) is not the one in server_certificate_path ${pinned} (${status.name})`;
    }
    return adviceOn({ mark, status: status.name, why, file: this.#rejectedFile(mark) });
  }

  #rejectedFile(mark: string): string {
    const folder = `${PKI_FOLDER}/rejected`;
    for (const { name } of Deno.readDirSync(`${this.#options.home}/${folder}`)) {
      if (name.toLowerCase().includes(mark)) return `${folder}/${name}`;
    }
    return folder;
  }
}

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
