/** What the doctor looks at, and what it finds. */

/** `skipped`: a step that it depends on failed. */
export type StepState = "ok" | "warn" | "fail" | "skipped";

/** What helps. `copy` is what a person may paste somewhere as it is: statements, a setting, a line for a firewall. */
export interface Remedy {
  readonly what: string;
  readonly copy?: string;
}

/** What one step found. */
export interface Finding {
  readonly state: StepState;
  /** What was measured, or what the peer said. */
  readonly measured: string;
  /** Why it is so, where it is not well. */
  readonly cause?: string;
  readonly remedy?: Remedy;
}

/** One thing to look at. It may throw: an `EdgeError` is what was found, all else a defect. */
export interface Step {
  /** Stable, for programs: `workspace.dns`. */
  readonly id: string;
  /** For people, in a few words. */
  readonly title: string;
  /** Ids of steps that must not have failed. */
  readonly needs?: readonly string[];
  /** Whether it may run beside others of its kind that follow it. */
  readonly isParallel?: boolean;
  run(signal: AbortSignal): Promise<Finding>;
}

/** A step that is done. */
export interface StepResult extends Finding {
  readonly id: string;
  readonly title: string;
  readonly ms: number;
}

/** What is told while steps run. */
export type Progress =
  | { readonly kind: "begun"; readonly id: string; readonly title: string }
  | { readonly kind: "done"; readonly result: StepResult };

export function ok(measured: string): Finding {
  return { state: "ok", measured };
}

export interface Trouble {
  readonly measured: string;
  readonly cause: string;
  readonly remedy: Remedy;
}

export function warn(trouble: Trouble): Finding {
  return { state: "warn", ...trouble };
}

export function fail(trouble: Trouble): Finding {
  return { state: "fail", ...trouble };
}
