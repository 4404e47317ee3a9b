import assert from "node:assert/strict";
import { type Ending, judge, type Phase, runPhase } from "./test_phase.ts";

const tests: Phase = { name: "unit", kind: "tests", args: [], limitMs: 2000 };
const check: Phase = { name: "format", kind: "check", args: [], limitMs: 2000 };

const ENDINGS: readonly { name: string; phase: Phase; ending: Partial<Ending>; failed: number; fault?: RegExp }[] = [
  { name: "tests that pass", phase: tests, ending: { output: "ok | 3 passed | 0 failed (1s)" }, failed: 0 },
  {
    name: "tests that fail",
    phase: tests,
    ending: { output: "FAILED | 3 passed | 2 failed (1s)", isSuccess: false },
    failed: 2,
  },
  {
    name: "a run without a test",
    phase: tests,
    ending: { output: "ok | 0 passed | 0 failed (1s)" },
    failed: 1,
    fault: /no test/,
  },
  {
    name: "a run in which all is ignored",
    phase: tests,
    ending: { output: "ok | 0 passed | 0 failed | 4 ignored (1s)" },
    failed: 1,
    fault: /no test/,
  },
  { name: "a run that crashes", phase: tests, ending: { isSuccess: false }, failed: 1, fault: /sum up/ },
  {
    name: "a failure outside of tests",
    phase: tests,
    ending: { output: "FAILED | 3 passed | 0 failed (1s)", isSuccess: false },
    failed: 1,
    fault: /outside/,
  },
  {
    name: "a run that takes too long",
    phase: tests,
    ending: { output: "ok | 3 passed | 0 failed (1s)", isSuccess: false, isTimeout: true },
    failed: 1,
    fault: /2 s/,
  },
  { name: "a check that passes", phase: check, ending: {}, failed: 0 },
  { name: "a check that fails", phase: check, ending: { isSuccess: false }, failed: 1, fault: /check failed/ },
];

for (const { name, phase, ending, failed, fault } of ENDINGS) {
  Deno.test(`judge() counts ${name} as ${failed} failures`, () => {
    const result = judge(phase, { output: "", isSuccess: true, isTimeout: false, ...ending });
    assert.equal(result.failed, failed);
    fault ? assert.match(result.fault ?? "", fault) : assert.equal(result.fault, undefined);
  });
}

Deno.test("runPhase() ends a child that takes too long", async () => {
  const home = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${home}/endless.ts`, "setInterval(() => {}, 1000);\n");
    const result = await runPhase({ name: "endless", kind: "check", args: ["run", "endless.ts"], limitMs: 300 }, home);
    assert.deepEqual([result.failed, result.fault], [1, "it was not done after 0.3 s"]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
