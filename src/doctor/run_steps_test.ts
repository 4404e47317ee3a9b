import assert from "node:assert/strict";
import { ConnectionError } from "../core/error.ts";
import { systemClock } from "../lib/clock.ts";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { eventually } from "../../tests/wait.ts";
import { isWell, runSteps } from "./run_steps.ts";
import { ok, type Progress, type Step, type StepResult } from "./step.ts";

const signal = new AbortController().signal;

async function resultsOf(steps: readonly Step[]): Promise<StepResult[]> {
  const told: Progress[] = await Array.fromAsync(runSteps(steps, { clock: systemClock, signal }));
  return told.flatMap((each) => each.kind === "done" ? each.result : []);
}

function step(id: string, more: Partial<Step> = {}): Step {
  return { id, title: `Step ${id}`, run: () => Promise.resolve(ok("well")), ...more };
}

function failing(): Promise<never> {
  return Promise.reject(new ConnectionError("down", "It is down: turn it on"));
}

Deno.test("steps that depend on a failed one are not tried, and say on which", async () => {
  let isTried = false;
  const c = step("c", { needs: ["b"], run: () => Promise.resolve(ok(String(isTried = true))) });
  const results = await resultsOf([step("a", { run: failing }), step("b", { needs: ["a"] }), c, step("d")]);
  assert.deepEqual(results.map(({ state }) => state), ["fail", "skipped", "skipped", "ok"]);
  assert.equal(results[2]?.cause, "It needs what failed: Step a");
  assert.equal(isTried, false);
  assert.equal(isWell(results), false);
});

Deno.test("what a step throws is what it found, with the words of the error", async () => {
  const [result] = await resultsOf([step("a", { run: failing })]);
  assert.deepEqual([result?.measured, result?.cause], ["down", "It is down: turn it on"]);
});

Deno.test("a step that does not end is given up, also where it listens to nothing", async () => {
  const clock = new FakeClock();
  const told = Array.fromAsync(
    runSteps([step("a", { run: () => new Promise(() => {}) })], { clock, signal, stepMs: 100 }),
  );
  await eventually("the step is waited for", () => clock.sleeping === 1);
  await clock.advance(100);
  const [, done] = await told;
  assert.ok(done?.kind === "done" && done.result.measured === "step_timeout");
});

Deno.test("steps that may run beside each other do, eight at a time", async () => {
  let running = 0;
  let most = 0;
  const run = async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    return ok("well");
  };
  await resultsOf(Array.from({ length: 20 }, (_, i) => step(`s${i}`, { isParallel: true, run })));
  assert.equal(most, 8);
});

Deno.test("a step is told of before it is done", async () => {
  const told = await Array.fromAsync(runSteps([step("a")], { clock: systemClock, signal }));
  assert.deepEqual(told.map(({ kind }) => kind), ["begun", "done"]);
});
