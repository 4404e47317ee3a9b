import assert from "node:assert/strict";
import { AuthError, ConfigError, ConnectionError } from "../../core/error.ts";
import { connectError, statusIn } from "./errors.ts";

const ENDPOINT = "opc.tcp://plc:4840";

/** An error as the library makes it of a ServiceFault. */
function fault(name: string): Error {
  return Object.assign(new Error("ServiceFault"), { response: { responseHeader: { serviceResult: { name } } } });
}

Deno.test("connectError() makes a refused login an AuthError that says what to do", () => {
  const error = connectError(ENDPOINT, fault("BadUserAccessDenied"));
  assert.ok(error instanceof AuthError);
  assert.equal(
    error.message,
    "Cannot log in to opc.tcp://plc:4840: the server refuses this user or password (BadUserAccessDenied)",
  );
});

Deno.test("connectError() makes a policy that is not offered a ConfigError", () => {
  assert.ok(connectError(ENDPOINT, new Error("Cannot find an Endpoint matching")) instanceof ConfigError);
  assert.ok(connectError(ENDPOINT, fault("BadSecurityPolicyRejected")) instanceof ConfigError);
});

Deno.test("connectError() makes all else a ConnectionError of one line", () => {
  const error = connectError(ENDPOINT, new Error("connect ECONNREFUSED ,\n  second line\n"));
  assert.ok(error instanceof ConnectionError);
  assert.equal(
    error.message,
    "Cannot connect to opc.tcp://plc:4840: connect ECONNREFUSED; check address, port and firewall, and that the server runs",
  );
});

Deno.test("connectError() leaves our own errors as they are", () => {
  const own = new ConfigError("x", "y");
  assert.equal(connectError(ENDPOINT, own), own);
});

Deno.test("statusIn() believes the server's answer before the library's text", () => {
  assert.equal(statusIn(Object.assign(fault("BadTimeout"), { message: "BadSessionClosed" })), "BadTimeout");
  assert.equal(statusIn(new Error("serviceResult = BadNoSubscription (0x80790000)")), "BadNoSubscription");
  assert.equal(statusIn(new Error("Connection Break")), undefined);
});
