import type { CertificateRules } from "../../core/source.ts";
import type { Logger } from "../../core/logger.ts";
import { type Answer, type ListFile, RevocationLists } from "./revocation_lists.ts";

/** Why a certificate is not let in. */
export interface RevocationFault {
  readonly status:
    | "BadCertificateRevoked"
    | "BadCertificateRevocationUnknown"
    | "BadCertificateIssuerRevocationUnknown";
  readonly why?: string;
}

export interface RevocationOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly rule: CertificateRules["checkRevocation"];
  readonly nowMs: number;
  readonly log: Logger;
}

/**
 * Looks each certificate up in the lists of the one behind it, which signed it (OPC UA Part 4, 6.1.3): the server's own
 * first. A list that is overdue lets in with a warning, or with `always` nobody.
 */
export function revocationFault(
  path: readonly Uint8Array[],
  { home, rule, nowMs, log }: RevocationOptions,
): RevocationFault | undefined {
  if (rule === "never") return undefined;
  const lists = RevocationLists.read(home);
  for (const [i, authority] of path.slice(1).entries()) {
    const answer = lists.answer(path[i]!, authority, nowMs);
    const fault = faultOf(answer, { rule, isOfServer: i === 0 });
    if (fault) return fault;
    if (answer.kind === "listed" && !answer.isCurrent) log.log("warn", overdue(answer.list), CODE);
  }
  return undefined;
}

const CODE = { code: "opcua_revocation_list_overdue" };

interface Place {
  readonly rule: CertificateRules["checkRevocation"];
  /** The certificate is the server's, and none of an authority. */
  readonly isOfServer: boolean;
}

function faultOf(answer: Answer, { rule, isOfServer }: Place): RevocationFault | undefined {
  const status = isOfServer ? "BadCertificateRevocationUnknown" : "BadCertificateIssuerRevocationUnknown";
  switch (answer.kind) {
    case "revoked":
      return { status: "BadCertificateRevoked" };
    case "none":
      return { status, ...answer.forged ? { why: forged(answer.forged) } : {} };
    case "listed":
      return answer.isCurrent || rule !== "always" ? undefined : { status, why: tooOld(answer.list) };
    default:
      return answer satisfies never;
  }
}

function forged({ path, issuer }: ListFile): string {
  return `the revocation list ${path} is not signed by the authority that it names, ${issuer}: put the authority's own there`;
}

function tooOld(list: ListFile): string {
  return `${stateOf(list)}, and check_revocation is always: get the authority's present list, and put it in its place`;
}

function overdue(list: ListFile): string {
  return `OPC UA: ${
    stateOf(list)
  }: a certificate that was revoked since is let in all the same. Get the authority's present ` +
    "list, and put it in its place; security.certificates.validation.check_revocation: always refuses until then";
}

/** "the revocation list … of CN=Plant was to be followed by another on 2026-01-31". */
function stateOf({ path, issuer, thisUpdate, nextUpdate }: ListFile): string {
  const list = `the revocation list ${path} of ${issuer}`;
  const day = (date: Date) => date.toISOString().slice(0, 10);
  return nextUpdate && nextUpdate > thisUpdate
    ? `${list} is valid from ${day(thisUpdate)} to ${day(nextUpdate)} and not now`
    : `${list} is valid from ${day(thisUpdate)} on and not now`;
}
