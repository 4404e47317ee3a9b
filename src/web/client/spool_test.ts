import assert from "node:assert/strict";
import { gapTold, passphraseFault } from "./spool.ts";

for (
  const [name, passphrase, again, fault] of [
    ["none, for the spool's own key", "", "", undefined],
    ["one that was typed once", "a long pass phrase", "", "The two are not the same"],
    ["one that is too short", "short", "short", "12 characters at least"],
    ["one that was typed twice", "a long pass phrase", "a long pass phrase", undefined],
    ["one in the second field alone", "", "a long pass phrase", "12 characters at least"],
  ] as const
) {
  Deno.test(`passphraseFault() judges ${name}`, () => assert.equal(passphraseFault(passphrase, again), fault));
}

Deno.test("gapTold() has words for a reason of a newer connector", () => {
  assert.equal(gapTold("taken_by_moths"), "For another reason");
  assert.match(gapTold("dropped"), /full/);
});
