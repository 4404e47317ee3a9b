import type { VNode } from "preact";
import { percent, type Step } from "../../src/web/client/long_work.ts";

interface ProgressProps {
  /** What is under way: `Reading the spool`. */
  readonly what: string;
  /** Undefined until it is known how far it is. */
  readonly step: Step | undefined;
}

/** How far something is, as a bar and in words. */
export function Progress({ what, step }: ProgressProps): VNode {
  const value = step ? { value: Math.min(step.done, step.of), max: Math.max(1, step.of) } : {};
  return (
    <div class="progress">
      <span role="status">{what}{step ? "" : "…"}</span>
      <progress aria-label={what} {...value} />
      <span class="soft number">{step ? percent(step) : ""}</span>
    </div>
  );
}
