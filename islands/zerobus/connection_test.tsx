import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
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
}

/** Tests the way to Databricks, step by step, while one looks. No row is sent. */
export function ConnectionTest({ draft }: ConnectionTestProps): VNode {
  const testing = useConnectionTest();
  return (
    <TestedConnection testing={testing} onStart={() => void testing.start(draft)}>
      {draft ? "Tests what stands in the form, saved or not" : "Tests what is saved"}
    </TestedConnection>
  );
}

interface TestedConnectionProps {
  readonly testing: Testing;
  readonly onStart: () => void;
  /** What is tested. */
  readonly children: ComponentChildren;
}

/** A test of the connection: its button, its steps, and how it ended. */
export function TestedConnection({ testing, onStart, children }: TestedConnectionProps): VNode {
  const { steps, problem, isRunning, healthy, stop } = testing;
  return (
    <section class="panel" aria-labelledby="connection-test">
      <header>
        <h2 id="connection-test">Test of the connection</h2>
        <div class="actions">
          {isRunning
            ? <button class="button" type="button" onClick={stop}>Stop</button>
            : <button class="button" type="button" onClick={onStart}>Test connection</button>}
        </div>
      </header>
      <div class="panel-body">
        <p class="soft">{children}: names, network, encryption, sign-in, tables and a dry run. No row is sent.</p>
        {problem ? <ProblemNote problem={problem} /> : null}
        <p role="status">{summary(isRunning, healthy)}</p>
        {steps.length > 0 ? <StepList steps={steps} /> : null}
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

export interface Testing {
  readonly steps: readonly ShownStep[];
  readonly problem: Problem | undefined;
  readonly isRunning: boolean;
  readonly healthy: boolean | undefined;
  /** Resolves with whether rows can be written; undefined where nobody knows: it was stopped, or not answered. */
  start(draft: JsonObject | undefined): Promise<boolean | undefined>;
  stop(): void;
}

export function useConnectionTest(): Testing {
  const steps = useSignal<readonly ShownStep[]>([]);
  const problem = useSignal<Problem | undefined>(undefined);
  const healthy = useSignal<boolean | undefined>(undefined);
  const isRunning = useSignal(false);
  const running = useRef<AbortController | undefined>(undefined);
  const stop = () => running.current?.abort();
  useEffect(() => stop, []);
  async function start(draft: JsonObject | undefined): Promise<boolean | undefined> {
    const own = running.current = new AbortController();
    steps.value = [];
    [problem.value, healthy.value, isRunning.value] = [undefined, undefined, true];
    try {
      for await (const line of testZerobus(draft, own.signal)) {
        steps.value = withLine(steps.value, line);
        if (line.kind === "end") healthy.value = line.healthy;
      }
    } catch (error) {
      if (!own.signal.aborted) problem.value = problemIn(error);
      steps.value = steps.value.filter(({ state }) => state !== "running");
    }
    isRunning.value = false;
    return healthy.value;
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
