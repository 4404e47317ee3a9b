import assert from "node:assert/strict";
import { apiFilter, exportAddress, outcomeTold } from "./letters.ts";

const NONE = { source: "", table: "", code: "", hours: "" };

Deno.test("apiFilter() leaves out what nobody asked for, and counts hours back from now", () => {
  assert.deepEqual(apiFilter(NONE), {});
  assert.deepEqual(apiFilter({ ...NONE, source: "press", hours: "24" }, Date.UTC(2026, 0, 2)), {
    source: "press",
    after: "2026-01-01T00:00:00.000Z",
  });
});

Deno.test("exportAddress() names all letters, those that were ticked, or the filter", () => {
  assert.equal(exportAddress({ ids: "all" }), "/api/dlq/export");
  assert.equal(exportAddress({ ids: [3, 7] }), "/api/dlq/export?ids=3,7");
  assert.equal(exportAddress({ filter: { source: "a&b" } }), "/api/dlq/export?source=a%26b");
});

for (
  const [told, outcome] of [
    ["Purged 1 letter.", { letters: 1, left: 0 }],
    ["Purged 1,200 letters. 3 were not looked at.", { letters: 1200, left: 3 }],
    ["Replayed 1 letter as 1 row.", { letters: 1, rows: 1, stayed: 0, left: 0 }],
    ["Replayed 2 letters as 3 rows. 1 stays. 1 was not looked at.", { letters: 2, rows: 3, stayed: 1, left: 1 }],
  ] as const
) {
  Deno.test(`outcomeTold() says "${told}"`, () => assert.equal(outcomeTold(outcome), told));
}
