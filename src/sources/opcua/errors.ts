import { AuthError, ConfigError, ConnectionError, EdgeError, reasonOf } from "../../core/error.ts";

/** Status codes by which a server refuses who we are; a retry cannot help until a person changes something. */
const REFUSED = new Map([
  ["BadUserAccessDenied", "the server refuses this user or password"],
  ["BadIdentityTokenRejected", "the server refuses this user or password"],
  ["BadIdentityTokenInvalid", "the server does not take this kind of user: check username and password"],
  ["BadCertificateUriInvalid", "the application URI in our certificate is not the one we claim"],
  ["BadCertificateTimeInvalid", "a certificate is not valid now: check its dates and both clocks"],
  ["BadCertificateRevoked", "a certificate is revoked"],
]);

/** The same, where a person has to trust our certificate. */
const UNTRUSTED = new Set(["BadSecurityChecksFailed", "BadCertificateUntrusted", "BadCertificateInvalid"]);

/** The server is there, and at its limits or about to go; it may do later what it does not do now. */
const UNABLE = new Map([
  ["BadTooManySessions", "the server has no session left: close other clients, or raise its limit"],
  ["BadTooManySubscriptions", "the server has no subscription left: close other clients, or raise its limit"],
  ["BadTooManyMonitoredItems", "the server watches no more nodes: configure fewer, or raise its limit"],
  ["BadTooManyOperations", "one request asked for more than the server takes, and its OperationLimits do not say so"],
  ["BadTooManyPublishRequests", "the server holds no more Publish requests: raise its limit"],
  ["BadServerHalted", "the server has halted: start it again"],
  ["BadShutdown", "the server is shutting down"],
]);

const UNFIT = new Map([
  ["BadSecurityPolicyRejected", "the server does not offer this security_policy"],
  ["BadSecurityModeRejected", "the server does not offer this security_mode"],
  ["BadIdentityTokenRequired", "the server wants a user: set username and password"],
]);

/** Where we connect, and the certificate by which a server knows us: a path under the home directory. */
export interface Peer {
  readonly endpoint: string;
  readonly ownCertificate: string;
}

/** What the library threw while connecting, as one of ours. The only place that reads its texts. */
export function connectError({ endpoint, ownCertificate }: Peer, error: unknown): EdgeError {
  if (error instanceof EdgeError) return error;
  const status = statusIn(error);
  const refused = status && refusal(status, ownCertificate);
  if (refused) {
    return new AuthError("opcua_refused", `Cannot log in to ${endpoint}: ${refused} (${status})`, { cause: error });
  }
  const unfit = status && UNFIT.get(status);
  if (unfit) return new ConfigError("opcua_unfit", `Cannot use ${endpoint}: ${unfit} (${status})`, { cause: error });
  const unable = status && UNABLE.get(status);
  if (unable) {
    return new ConnectionError("opcua_unable", `Cannot use ${endpoint}: ${unable} (${status})`, { cause: error });
  }
  if (/cannot find .*user token policy/i.test(reasonOf(error))) {
    const why = "the server does not take this kind of user with this security: " +
      "it wants another of anonymous, password and certificate";
    return new ConfigError("opcua_unfit", `Cannot use ${endpoint}: ${why}`, { cause: error });
  }
  if (/cannot find (an )?end ?point/i.test(reasonOf(error))) {
    const why = "the server offers no endpoint with this security_policy and security_mode";
    return new ConfigError("opcua_no_endpoint", `Cannot use ${endpoint}: ${why}`, { cause: error });
  }
  const advice = "check address, port and firewall, and that the server runs";
  return new ConnectionError("opcua_unreachable", `Cannot connect to ${endpoint}: ${briefly(error)}; ${advice}`, {
    cause: error,
  });
}

function refusal(status: string, ownCertificate: string): string | undefined {
  if (!UNTRUSTED.has(status)) return REFUSED.get(status);
  return `the server refuses our application certificate: trust ${ownCertificate} at the server`;
}

/**
 * Whether no OPC UA connection came about at all. The library's texts for that are the same whether nothing is at the port
 * or something else.
 */
export function isNoConnection(error: unknown): boolean {
  if (statusIn(error) !== undefined) return false;
  return /may have been rejected by server|to collect server's certificate/i.test(reasonOf(error));
}

/** Whether the server said that it does not trust our application certificate. */
export function isRefusalOfOurCertificate(error: unknown): boolean {
  return UNTRUSTED.has(statusIn(error) ?? "");
}

/** What a status means for a person, with its name. */
export function saying(status: string): string {
  const sentence = UNABLE.get(status);
  return sentence === undefined ? status : `${sentence} (${status})`;
}

/** The session with `endpoint` is gone. */
export function lost(endpoint: string, why: string, cause?: unknown): ConnectionError {
  return new ConnectionError("opcua_session_lost", `Lost the session with ${endpoint}: ${why}`, { cause });
}

/** The status code that the server answered with, or that the library names in its text. */
export function statusIn(error: unknown): string | undefined {
  return serviceResult(error) ?? reasonOf(error).match(/\bBad[A-Z]\w+/)?.[0];
}

/**
 * Whether the connection broke while a request was out: the library mends that, and whoever asked asks again. An answer
 * that did not come in time over a connection that is whole is none.
 */
export function isBreak(error: unknown): boolean {
  const status = statusIn(error);
  if (status !== undefined) return status === "BadConnectionClosed" && serviceResult(error) === undefined;
  // The library throws plain errors, also its own faults; ours have classes.
  return error instanceof Error && error.name === "Error" && !/timed out/i.test(error.message);
}

/** The library hangs a ServiceFault it received on the error. */
function serviceResult(error: unknown): string | undefined {
  const fault = error as { response?: { responseHeader?: { serviceResult?: { name?: string } } } } | null;
  return fault?.response?.responseHeader?.serviceResult?.name;
}

/** The library's texts run over many lines; the first says what happened, up to where it breaks off. */
export function briefly(error: unknown): string {
  return reasonOf(error).trim().split("\n")[0]?.replace(/[\s.,:;]+$/, "") || "no reason given";
}

/** A time in a sentence. */
export function inSeconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}
