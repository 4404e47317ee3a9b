import { requestLines } from "./api.ts";
import type { JsonObject } from "./form_model.ts";

/** What a step of a test found, as the API tells it. */
export interface StepResult {
  readonly id: string;
  readonly title: string;
  readonly state: "ok" | "warn" | "fail" | "skipped";
  readonly measured: string;
  readonly cause?: string;
  readonly remedy?: { readonly what: string; readonly copy?: string };
}

export type TestLine =
  | { readonly kind: "begun"; readonly id: string; readonly title: string }
  | { readonly kind: "done"; readonly result: StepResult }
  | { readonly kind: "end"; readonly healthy: boolean };

/** A step that runs, or is done. */
export type ShownStep = StepResult | { readonly id: string; readonly title: string; readonly state: "running" };

/** The steps with what a line says of one of them. */
export function withLine(steps: readonly ShownStep[], line: TestLine): readonly ShownStep[] {
  if (line.kind === "end") return steps;
  const step: ShownStep = line.kind === "done" ? line.result : { id: line.id, title: line.title, state: "running" };
  const at = steps.findIndex(({ id }) => id === step.id);
  return at < 0 ? [...steps, step] : steps.with(at, step);
}

export interface PartedSteps {
  readonly tried: readonly ShownStep[];
  /** What needs something that failed, and so was not tried. */
  readonly untried: readonly StepResult[];
}

/** What was found apart from what was not looked at. */
export function partedSteps(steps: readonly ShownStep[]): PartedSteps {
  return {
    tried: steps.filter(({ state }) => state !== "skipped"),
    untried: steps.filter((step): step is StepResult => step.state === "skipped"),
  };
}

/** `draft`: a patch of what is saved; undefined tests what is. @throws {ApiError} */
export function testZerobus(draft: JsonObject | undefined, signal: AbortSignal): AsyncGenerator<TestLine> {
  return requestLines<TestLine>("/api/zerobus/test", draft === undefined ? {} : { draft }, signal);
}
