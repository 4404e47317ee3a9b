import type { VNode } from "preact";
import { partedSteps, type ShownStep, type StepResult } from "../../src/web/client/doctor.ts";
import { type Level, State } from "../parts/state.tsx";
import { CopyButton } from "./copy_button.tsx";

const LEVELS: Readonly<Record<ShownStep["state"], readonly [level: Level, word: string]>> = {
  running: ["busy", "running"],
  ok: ["ok", "ok"],
  warn: ["warn", "warning"],
  fail: ["bad", "failed"],
  skipped: ["idle", "not tried"],
};

interface StepListProps {
  readonly steps: readonly ShownStep[];
}

/** Steps as they run, each with what was found and what helps; what was not tried is one line, which opens. */
export function StepList({ steps }: StepListProps): VNode {
  const { tried, untried } = partedSteps(steps);
  return (
    <>
      <Lines steps={tried} name="Steps" />
      {untried.length > 0
        ? (
          <details>
            <summary>
              {untried.length === 1 ? "1 further step was" : `${untried.length} further steps were`}{" "}
              not tried: what failed comes first
            </summary>
            <Lines steps={untried} name="Steps not tried" />
          </details>
        )
        : null}
    </>
  );
}

function Lines({ steps, name }: StepListProps & { readonly name: string }): VNode {
  return (
    <ol class="checks" aria-label={name}>
      {steps.map((step) => {
        const [level, word] = LEVELS[step.state];
        return (
          <li key={step.id}>
            <div class="checks-line">
              <State level={level}>{word}</State>
              <strong class="break">{step.title}</strong>
              {step.state === "running" ? null : <span class="soft break">{step.measured}</span>}
            </div>
            {step.state === "running" || step.state === "ok" ? null : <Help step={step} />}
          </li>
        );
      })}
    </ol>
  );
}

function Help({ step: { title, cause, remedy } }: { readonly step: StepResult }): VNode {
  return (
    <div class="checks-help">
      {cause ? <span class="break">{cause}</span> : null}
      {remedy ? <span class="break">{remedy.what}</span> : null}
      {remedy?.copy === undefined ? null : (
        <>
          <pre tabIndex={0} aria-label={`Remedy for ${title}`}>{remedy.copy}</pre>
          <CopyButton text={remedy.copy} what={`the remedy for ${title}`} />
        </>
      )}
    </div>
  );
}
