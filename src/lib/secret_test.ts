import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Secret } from "./secret.ts";

Deno.test("Secret prints as *** in text, JSON and both inspectors, and reveals itself only when asked", () => {
  const secret = new Secret("hunter2");
  const seen = [`${secret}`, JSON.stringify({ secret }), Deno.inspect({ secret }), inspect({ secret })];
  for (const text of seen) {
    assert.match(text, /\*\*\*/);
    assert.doesNotMatch(text, /hunter2/);
  }
  assert.equal(secret.reveal(), "hunter2");
});
