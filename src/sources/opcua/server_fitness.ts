import { crypto_utils } from "node-opcua-client";
import { isIP } from "node:net";
import { reasonOf } from "../../core/error.ts";

// The library's own reader of certificates.
const { x509 } = crypto_utils;
type X509 = InstanceType<typeof x509.X509Certificate>;
type Name = InstanceType<typeof x509.GeneralName>;

/** What the certificate of a server has to say. */
export interface Expected {
  /** `opc.tcp://host:port`, by which we reach it; null where any host will do. */
  readonly endpoint: string | null;
  /** The application's URI, as the server states it; undefined before it did. */
  readonly uri: string | undefined;
}

/** Why a certificate is not the one of that server. */
export interface Unfit {
  readonly status:
    | "BadCertificateInvalid"
    | "BadCertificateUseNotAllowed"
    | "BadCertificateIssuerUseNotAllowed"
    | "BadCertificateHostNameInvalid"
    | "BadCertificateUriInvalid";
  readonly why: string;
}

/** Names of a certificate that an error shows. */
const SHOWN_NAMES = 8;
const SHOWN_LETTERS = 100;

/**
 * Whether a certificate, DER, is one of a server (OPC UA Part 6, 6.2.2), and of the expected one (Part 4, 6.1.3): what has
 * to be asked where an authority answers for it, since authorities answer for whole plants, operators' stations included.
 * What is not there restricts nothing (RFC 5280, 4.2.1.3 and 4.2.1.12).
 */
export function unfitness(der: Uint8Array, expected: Expected): Unfit | undefined {
  return ofReadable(der, (certificate) => {
    const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
    return wrongUse(certificate) ?? wrongHost(names, expected) ?? wrongUri(names, expected);
  });
}

/** That something was signed with a certificate that is no authority's (RFC 5280, 6.1.4 k and n). */
export function unfitIssuer(der: Uint8Array): Unfit | undefined {
  return ofReadable(der, (certificate) => {
    const usages = certificate.getExtension(x509.KeyUsagesExtension)?.usages;
    const maySign = usages === undefined || (usages & x509.KeyUsageFlags.keyCertSign) !== 0;
    if (maySign && certificate.getExtension(x509.BasicConstraintsExtension)?.ca) return undefined;
    const why = `it is signed with the certificate of ${short(certificate.subject)}, which is no authority's`;
    return { status: "BadCertificateIssuerUseNotAllowed", why };
  });
}

/** What cannot be read is refused. */
function ofReadable(der: Uint8Array, judge: (certificate: X509) => Unfit | undefined): Unfit | undefined {
  try {
    return judge(new x509.X509Certificate(new Uint8Array(der)));
  } catch (error) {
    const why = `a certificate that it shows, or its authority's, cannot be read: ${short(reasonOf(error))}`;
    return { status: "BadCertificateInvalid", why };
  }
}

function wrongUse(certificate: X509): Unfit | undefined {
  const { digitalSignature, keyEncipherment, dataEncipherment } = x509.KeyUsageFlags;
  const usages = certificate.getExtension(x509.KeyUsagesExtension)?.usages;
  const isForChannels = usages === undefined ||
    (usages & digitalSignature) !== 0 && (usages & (keyEncipherment | dataEncipherment)) !== 0;
  const purposes = certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String);
  const isForServers = purposes === undefined || purposes.some((purpose) => SERVER_PURPOSES.has(purpose));
  if (isForChannels && isForServers) return undefined;
  const why = isForServers
    ? "its certificate is not for signing and encrypting (key usage)"
    : "its certificate is not one for servers (extended key usage)";
  return { status: "BadCertificateUseNotAllowed", why };
}

/** serverAuth, and any. */
const SERVER_PURPOSES: ReadonlySet<string> = new Set(["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"]);

/** An address may stand among the DNS names: many devices write theirs there. */
function wrongHost(names: readonly Name[], { endpoint }: Expected): Unfit | undefined {
  if (endpoint === null) return undefined;
  const host = hostOf(endpoint);
  const held = names.filter(({ type }) => type === "dns" || type === "ip").map(({ value }) => canonical(value));
  if (held.includes(host)) return undefined;
  const why = `its certificate is made for ${listed(held)}, and endpoint says ${host}`;
  return { status: "BadCertificateHostNameInvalid", why };
}

function wrongUri(names: readonly Name[], { uri }: Expected): Unfit | undefined {
  const held = names.filter(({ type }) => type === "url").map(({ value }) => value);
  if (uri === undefined || held.includes(uri)) return undefined;
  const why = `its certificate is made for the application ${listed(held)}, and the server calls itself ${short(uri)}`;
  return { status: "BadCertificateUriInvalid", why };
}

function hostOf(endpoint: string): string {
  return canonical(endpoint.match(/^opc\.tcp:\/\/(\[[^\]]*\]|[^:/]*)/)?.[1] ?? "");
}

/** One way to write a host, whichever was used. */
function canonical(host: string): string {
  const bare = host.replace(/^\[|\]$/g, "");
  if (isIP(bare) === 6) return URL.parse(`http://[${bare}]/`)?.hostname.slice(1, -1) ?? bare;
  return bare.toLowerCase().replace(/\.$/, "");
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : "";
  return names.slice(0, SHOWN_NAMES).map(short).join(", ") + more;
}

function short(text: string): string {
  return text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text;
}
