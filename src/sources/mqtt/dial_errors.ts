import { AuthError, ConfigError, ConnectionError, EdgeError, reasonOf } from "../../core/error.ts";
import { CHECK, closedBeforeLogin } from "./errors.ts";

/** What a reason in words means, and what to do about it. */
interface Meaning {
  readonly says: RegExp;
  readonly code: string;
  readonly text: string;
  /** The setting that is to be changed; without it what is refused is who we are. */
  readonly path?: string;
}

/** Deno's TLS says why in words only. The first that fits counts: what the broker tells us comes before what we see in it. */
const MEANINGS: readonly Meaning[] = [
  {
    says: /alert: (UnknownCA|BadCertificate|UnsupportedCertificate|CertificateUnknown|AccessDenied|DecryptError)/,
    code: "mqtt_client_certificate_refused",
    text:
      "the broker does not accept our client certificate: use one that its authority has signed, see tls.client_cert_path",
  },
  {
    says: /alert: (CertificateExpired|CertificateRevoked)/,
    code: "mqtt_client_certificate_refused",
    text: "the broker says that our client certificate has expired or is revoked: renew tls.client_cert_path",
  },
  {
    says: /certificate.?required/i,
    code: "mqtt_client_certificate",
    text: "the broker asks for a client certificate: set tls.client_cert_path and tls.client_key_path",
  },
  {
    says: /alert: HandshakeFailure/,
    code: "mqtt_handshake_refused",
    text:
      "the broker refuses the TLS handshake: where it asks for a client certificate, set tls.client_cert_path and " +
      "tls.client_key_path; otherwise its ciphers are too old",
  },
  {
    says: /alert: ProtocolVersion|PeerIncompatible|unsupported protocol/i,
    code: "mqtt_tls_version",
    text:
      "the broker does not speak TLS of the version that tls.tls_version wants: lower it to TLSv1.2, or renew the broker",
    path: "mqtt.tls.tls_version",
  },
  {
    says: /NotValidForName|not valid for name|ALTNAME|does not match certificate/i,
    code: "mqtt_certificate_name",
    text:
      "the broker's certificate is for another host name: use the name that it shows in endpoint, or set tls.server_name to it",
    path: "endpoint",
  },
  {
    says: /expired|NotValidYet/i,
    code: "mqtt_certificate_expired",
    text: "the broker's certificate has expired or is not valid yet: renew it, or set the clock",
  },
  {
    says: /InvalidContentType|corrupt message|wrong version number/i,
    code: "mqtt_no_tls",
    text: "what answers does not speak TLS: check the port, or use mqtt:// (ws://) for a listener without it",
    path: "endpoint",
  },
];

const UNTRUSTED = /UnknownIssuer|unable to (get|verify)|self.?signed|CaUsedAsEndEntity|invalid peer certificate/i;

/** After TCP was there: nothing that does not listen answers so. */
const CLOSED = /ECONNRESET|UnexpectedEof|closed the connection/i;

/** Also of a broker that is just starting or ending: so nobody is told to change the endpoint before another try. */
const NO_TLS_YET = /before secure TLS connection/i;

/** TCP or TLS did not come about, or the broker ended it before it let us in. */
export function failedDial(error: unknown, endpoint: string): EdgeError {
  if (error instanceof EdgeError) return error;
  const reason = reasonOf(error);
  const cannot = `Cannot connect to ${endpoint}:`;
  const options = { cause: error };
  for (const { says, code, text, path } of MEANINGS) {
    if (!says.test(reason)) continue;
    if (path === undefined) return new AuthError(code, `${cannot} ${text}`, options);
    return new ConfigError(code, `${cannot} ${text}`, { ...options, path });
  }
  if (NO_TLS_YET.test(reason)) return closedBeforeTls(cannot, error);
  if (CLOSED.test(reason)) return closedBeforeLogin(endpoint, error);
  if (!UNTRUSTED.test(reason)) return new ConnectionError("mqtt_unreachable", `${cannot} ${reason}; ${CHECK}`, options);
  const untrusted =
    "the broker's certificate is not signed by an authority that we trust: set tls.ca_cert_path to the one that signed it";
  return new AuthError("mqtt_certificate_untrusted", `${cannot} ${untrusted} (${reason})`, options);
}

function closedBeforeTls(cannot: string, cause: unknown): ConnectionError {
  return new ConnectionError(
    "mqtt_no_tls_yet",
    `${cannot} it was closed before TLS was agreed on; where that stays so, what answers does not speak TLS: check the ` +
      "port, or use mqtt:// (ws://) for a listener without it",
    { cause },
  );
}
