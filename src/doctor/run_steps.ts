import type { Clock } from "../core/clock.ts";
import { EdgeError, TimeoutError } from "../core/error.ts";
import { abortable } from "../lib/condition.ts";
import { withDeadline } from "../lib/deadline.ts";
import type { Finding, Progress, Step, StepResult } from "./step.ts";

/** A step is given up after so long. */
const STEP_MS = 20_000;
/** Steps at a time, where they may run beside each other. */
const MAX_PARALLEL = 8;

export interface RunOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly stepMs?: number;
}

/**
 * Takes the steps in their order and tells of each when it begins and when it is done. What depends on one that failed is
 * not tried, and says of which.
 * @throws the signal's reason when it aborts @throws what a step throws that nobody foresaw
 */
export async function* runSteps(steps: readonly Step[], options: RunOptions): AsyncGenerator<Progress> {
  /** By id of a step that failed or was skipped: the title of the one that it goes back to. */
  const failed = new Map<string, string>();
  for (let at = 0; at < steps.length;) {
    const together = beside(steps, at);
    at += together.length;
    const tried = together.filter((step) => causeOf(step, failed) === undefined);
    for (const { id, title } of tried) yield { kind: "begun", id, title };
    const results = await Promise.all(tried.map((step) => taken(step, options)));
    for (const step of together) {
      const result = results.find(({ id }) => id === step.id) ?? skipped(step, causeOf(step, failed) ?? "");
      if (result.state === "fail") failed.set(step.id, step.title);
      if (result.state === "skipped") failed.set(step.id, causeOf(step, failed) ?? "");
      yield { kind: "done", result };
    }
  }
}

/** The worst of what was found. */
export function isWell(results: readonly StepResult[]): boolean {
  return results.every(({ state }) => state === "ok" || state === "warn");
}

function beside(steps: readonly Step[], at: number): Step[] {
  let end = at + 1;
  while (steps[at]?.isParallel && steps[end]?.isParallel && end - at < MAX_PARALLEL) end++;
  return steps.slice(at, end);
}

function causeOf({ needs = [] }: Step, failed: ReadonlyMap<string, string>): string | undefined {
  return needs.map((id) => failed.get(id)).find((title) => title !== undefined);
}

function skipped({ id, title }: Step, cause: string): StepResult {
  return { id, title, ms: 0, state: "skipped", measured: "not tried", cause: `It needs what failed: ${cause}` };
}

async function taken(step: Step, { clock, signal, stepMs = STEP_MS }: RunOptions): Promise<StepResult> {
  signal.throwIfAborted();
  const startMs = clock.monotonicMs();
  const late = () => new TimeoutError("step_timeout", `No answer within ${stepMs / 1000} s`);
  const bounded = (each: AbortSignal) => abortable(step.run(each), each);
  const found = await withDeadline(bounded, { clock, ms: stepMs, late, signal }).catch((error) => {
    if (signal.aborted || !(error instanceof EdgeError)) throw error;
    return ofError(error);
  });
  return { id: step.id, title: step.title, ...found, ms: Math.round(clock.monotonicMs() - startMs) };
}

/** Messages of our errors say what to do. */
function ofError({ code, message }: EdgeError): Finding {
  return { state: "fail", measured: code, cause: message };
}
