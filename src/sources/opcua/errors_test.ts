import assert from "node:assert/strict";
import { AuthError, ConfigError, ConnectionError } from "../../core/error.ts";
import { connectError, isBreak, statusIn } from "./errors.ts";

const PEER = { endpoint: "opc.tcp://plc:4840", ownCertificate: "certs/opcua/own/certs/iot-connector.pem" };

/** An error as the library makes it of a ServiceFault. */
function fault(name: string): Error {
  return Object.assign(new Error("ServiceFault"), { response: { responseHeader: { serviceResult: { name } } } });
}

Deno.test("connectError() makes a refused login an AuthError that says what to do", () => {
  const error = connectError(PEER, fault("BadUserAccessDenied"));
  assert.ok(error instanceof AuthError);
  assert.equal(
    error.message,
    "Cannot log in to opc.tcp://plc:4840: the server refuses this user or password (BadUserAccessDenied)",
  );
});

Deno.test("connectError() makes a policy that is not offered a ConfigError", () => {
  assert.ok(connectError(PEER, new Error("Cannot find an Endpoint matching")) instanceof ConfigError);
  assert.ok(connectError(PEER, fault("BadSecurityPolicyRejected")) instanceof ConfigError);
});

Deno.test("connectError() makes all else a ConnectionError of one line", () => {
  const error = connectError(PEER, new Error("connect ECONNREFUSED ,\n  second line\n"));
  assert.ok(error instanceof ConnectionError);
  assert.equal(
    error.message,
    "Cannot connect to opc.tcp://plc:4840: connect ECONNREFUSED; check address, port and firewall, and that the server runs",
  );
});

const UNABLE: Readonly<Record<string, RegExp>> = {
  BadTooManySessions: /no session left/,
  BadTooManySubscriptions: /no subscription left/,
  BadTooManyMonitoredItems: /watches no more nodes/,
  BadTooManyOperations: /more than the server takes/,
  BadTooManyPublishRequests: /holds no more Publish requests/,
  BadServerHalted: /has halted/,
  BadShutdown: /is shutting down/,
};

for (const [status, sentence] of Object.entries(UNABLE)) {
  Deno.test(`connectError() tells ${status} as the server's own, not as the network's`, () => {
    const error = connectError(PEER, fault(status));
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.code, "opcua_unable");
    assert.match(error.message, sentence);
    assert.match(error.message, new RegExp(`\\(${status}\\)$`));
    assert.doesNotMatch(error.message, /firewall/);
  });
}

Deno.test("connectError() names the certificate that the server does not trust", () => {
  for (const status of ["BadSecurityChecksFailed", "BadCertificateUntrusted", "BadCertificateInvalid"]) {
    const error = connectError(PEER, fault(status));
    assert.ok(error instanceof AuthError);
    assert.match(error.message, /: trust certs\/opcua\/own\/certs\/iot-connector\.pem at the server \(Bad/);
  }
});

Deno.test("connectError() leaves our own errors as they are", () => {
  const own = new ConfigError("x", "y");
  assert.equal(connectError(PEER, own), own);
});

Deno.test("statusIn() believes the server's answer before the library's text", () => {
  assert.equal(statusIn(Object.assign(fault("BadTimeout"), { message: "BadSessionClosed" })), "BadTimeout");
  assert.equal(statusIn(new Error("serviceResult = BadNoSubscription (0x80790000)")), "BadNoSubscription");
  assert.equal(statusIn(new Error("Connection Break")), undefined);
});

Deno.test("isBreak() tells a broken connection from an answer, from none in time, and from faults of ours", () => {
  const breaks = [
    "Connection Break",
    "socket has been disconnected by third party",
    "Invalid Channel BadConnectionClosed",
  ];
  for (const message of breaks) assert.ok(isBreak(new Error(message)), message);
  const others = [
    "Transaction has timed out ( timeout = 15000 ms )",
    "serviceResult = BadSessionIdInvalid (0x80250000)",
  ];
  for (const message of others) assert.ok(!isBreak(new Error(message)), message);
  assert.ok(!isBreak(new TypeError("x is not a function")));
  assert.ok(!isBreak(new DOMException("aborted", "AbortError")));
});
