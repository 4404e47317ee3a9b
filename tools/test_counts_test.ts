import assert from "node:assert/strict";
import { countTests } from "./test_counts.ts";

const OUTPUTS = [
  ["ok | 612 passed | 0 failed (5s)", { passed: 612, failed: 0, ignored: 0 }],
  ["FAILED | 12 passed (3 steps) | 1 failed (1 step) | 2 ignored (2 steps) | 4 filtered out (300ms)", {
    passed: 12,
    failed: 1,
    ignored: 2,
  }],
  ["ok | 0 passed | 0 failed | 3 ignored (0ms)", { passed: 0, failed: 0, ignored: 3 }],
  ["\x1b[0m\x1b[32mok\x1b[0m | 1 passed | 0 failed \x1b[0m\x1b[38;5;245m(17s)\x1b[0m\n\n", {
    passed: 1,
    failed: 0,
    ignored: 0,
  }],
] as const;

for (const [output, counts] of OUTPUTS) {
  Deno.test(`countTests() reads ${JSON.stringify(output)}`, () => {
    assert.deepEqual(countTests(`running 3 tests\n${output}\n`), counts);
  });
}

Deno.test("countTests() takes the last summary, and knows when there is none", () => {
  assert.equal(countTests("ok | 1 passed | 0 failed (1s)\nok | 2 passed | 0 failed (1s)\n")?.passed, 2);
  assert.equal(countTests("error: Module not found\n"), undefined);
  assert.equal(countTests("a test says: ok | 1 passed | 0 failed"), undefined);
});
