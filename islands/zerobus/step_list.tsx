import type { VNode } from "preact";
import type { ShownStep, StepResult } from "../../src/web/client/doctor.ts";
import { type Level, State } from "../parts/state.tsx";
import { CopyButton } from "./copy_button.tsx";

const LEVELS: Readonly<Record<ShownStep["state"], readonly [level: Level, word: string]>> = {
  running: ["busy", "running"],
  ok: ["ok", "ok"],
  warn: ["warn", "warning"],
  fail: ["bad", "failed"],
  skipped: ["idle", "not tried"],
};

/** Steps as they run, each with what was found and what helps. */
export function StepList({ steps }: { readonly steps: readonly ShownStep[] }): VNode {
  return (
    <ol class="checks" aria-label="Steps">
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
