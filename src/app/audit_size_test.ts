import assert from "node:assert/strict";
import { auditSize } from "./audit_size.ts";

Deno.test("the audit is measured once a minute, and one that cannot be read is no reason to give no health", () => {
  let [atMs, looks] = [0, 0];
  const sizes: (number | undefined)[] = [5, 7, undefined];
  const bytes = () => sizes[looks++] ?? assert.fail("it cannot be read");
  const size = auditSize({ bytes }, { monotonicMs: () => atMs });
  const found = [0, 59_999, 60_000, 120_000].map((ms) => {
    atMs = ms;
    return size();
  });
  assert.deepEqual([found, looks], [[5, 5, 7, 0], 3]);
});
