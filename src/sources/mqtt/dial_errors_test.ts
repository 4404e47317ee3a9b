import assert from "node:assert/strict";
import { AuthError, ConfigError, ConnectionError } from "../../core/error.ts";
import { failedDial } from "./dial_errors.ts";

const CASES = [
  ["received fatal alert: CertificateRequired", AuthError, "mqtt_client_certificate", /set tls\.client_cert_path and/],
  ["received fatal alert: UnknownCA", AuthError, "mqtt_client_certificate_refused", /does not accept our client cert/],
  [
    "received fatal alert: CertificateExpired",
    AuthError,
    "mqtt_client_certificate_refused",
    /our client certificate has/,
  ],
  ["received fatal alert: HandshakeFailure", AuthError, "mqtt_handshake_refused", /where it asks for a client cert/],
  ["received fatal alert: ProtocolVersion", ConfigError, "mqtt_tls_version", /lower it to TLSv1\.2/],
  ["invalid peer certificate: Expired", AuthError, "mqtt_certificate_expired", /set the clock/],
  ["invalid peer certificate: UnknownIssuer", AuthError, "mqtt_certificate_untrusted", /set tls\.ca_cert_path/],
  ["received corrupt message of type InvalidContentType", ConfigError, "mqtt_no_tls", /does not speak TLS/],
  [
    "Client network socket disconnected before secure TLS connection was established",
    ConnectionError,
    "mqtt_no_tls_yet",
    /what answers does not speak TLS: check the port/,
  ],
  ["connect ECONNREFUSED 127.0.0.1:1", ConnectionError, "mqtt_unreachable", /check address, port and firewall/],
] as const;

for (const [reason, kind, code, says] of CASES) {
  Deno.test(`failedDial() says what to do about: ${reason}`, () => {
    const error = failedDial(new Error(reason), "mqtts://broker");
    assert.ok(error instanceof kind, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, /^Cannot connect to mqtts:\/\/broker: /);
    assert.match(error.message, says);
  });
}
