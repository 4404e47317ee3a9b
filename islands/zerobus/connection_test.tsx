import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "../../src/web/client/api.ts";
import { type ShownStep, testZerobus, withLine } from "../../src/web/client/doctor.ts";
import type { JsonObject } from "../../src/web/client/form_model.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { ProblemNote } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { StepList } from "./step_list.tsx";

export interface ConnectionTestProps {
  /** What is not saved yet, as a patch; undefined: what is saved is tested. */
  readonly draft: JsonObject | undefined;
  /** Told how it ended. */
  readonly onEnd?: (healthy: boolean) => void;
}

/** Tests the way to Databricks, step by step, while one looks. No row is sent. */
export function ConnectionTest({ draft, onEnd }: ConnectionTestProps): VNode {
  const { steps, problem, isRunning, healthy, start, stop } = useConnectionTest(onEnd);
  return (
    <section class="panel" aria-labelledby="connection-test">
      <header>
        <h2 id="connection-test">Test of the connection</h2>
        <div class="actions">
          {isRunning
            ? <button class="button" type="button" onClick={stop}>Stop</button>
            : <button class="button" type="button" onClick={() => start(draft)}>Test connection</button>}
        </div>
      </header>
      <div class="panel-body">
        <p class="soft">
          {draft ? "Tests what stands in the form, saved or not" : "Tests what is saved"}: names, network, encryption,
          sign-in, tables and a dry run. No row is sent.
        </p>
        {problem ? <ProblemNote problem={problem} /> : null}
        {steps.length > 0 ? <StepList steps={steps} /> : null}
        <p role="status">{summary(isRunning, healthy)}</p>
      </div>
    </section>
  );
}

function summary(isRunning: boolean, healthy: boolean | undefined): VNode | null {
  if (isRunning) return <State level="busy">Testing…</State>;
  if (healthy === undefined) return null;
  return healthy
    ? <State level="ok">Rows can be written.</State>
    : <State level="bad">Rows cannot be written yet: see the failed steps.</State>;
}

interface Testing {
  readonly steps: readonly ShownStep[];
  readonly problem: Problem | undefined;
  readonly isRunning: boolean;
  readonly healthy: boolean | undefined;
  start(draft: JsonObject | undefined): Promise<void>;
  stop(): void;
}

function useConnectionTest(onEnd: ConnectionTestProps["onEnd"]): Testing {
  const steps = useSignal<readonly ShownStep[]>([]);
  const problem = useSignal<Problem | undefined>(undefined);
  const healthy = useSignal<boolean | undefined>(undefined);
  const isRunning = useSignal(false);
  const running = useRef<AbortController | undefined>(undefined);
  const stop = () => running.current?.abort();
  useEffect(() => stop, []);
  async function start(draft: JsonObject | undefined): Promise<void> {
    const own = running.current = new AbortController();
    steps.value = [];
    [problem.value, healthy.value, isRunning.value] = [undefined, undefined, true];
    try {
      for await (const line of testZerobus(draft, own.signal)) {
        steps.value = withLine(steps.value, line);
        if (line.kind === "end") healthy.value = line.healthy;
      }
      if (healthy.value !== undefined) onEnd?.(healthy.value);
    } catch (error) {
      if (!own.signal.aborted) problem.value = problemIn(error);
      steps.value = steps.value.filter(({ state }) => state !== "running");
    }
    isRunning.value = false;
  }
  return {
    steps: steps.value,
    problem: problem.value,
    isRunning: isRunning.value,
    healthy: healthy.value,
    start,
    stop,
  };
}
