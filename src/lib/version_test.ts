import assert from "node:assert/strict";
import { denoFault, RELEASED_US } from "./version.ts";

for (const version of ["2.9.4", "2.9.6", "2.10.0", "3.0.0", "2.9.6+abc"]) {
  Deno.test(`denoFault() takes Deno ${version}`, () => assert.equal(denoFault(version), undefined));
}
for (const version of ["2.9.3", "2.8.9", "1.46.3"]) {
  Deno.test(`denoFault() refuses Deno ${version}`, () =>
    assert.match(denoFault(version) ?? "", /needs 2\.9\.4 or later/));
}

Deno.test("RELEASED_US is no time in the future", () => assert.ok(RELEASED_US < Date.now() * 1000));
