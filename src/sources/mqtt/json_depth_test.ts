import assert from "node:assert/strict";
import fc from "fast-check";
import { isDeeperThan } from "./json_depth.ts";

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

Deno.test("isDeeperThan() agrees with the depth of the parsed value", () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 6 }), (text, depth) => {
    assert.equal(isDeeperThan(depth, text), depthOf(JSON.parse(text)) > depth);
  }));
});

Deno.test("isDeeperThan() counts no brackets within strings", () => {
  assert.equal(isDeeperThan(1, '["[[[[\\"[[\\\\"]'), false);
  assert.equal(isDeeperThan(1, '["\\\\",[1]]'), true);
});
