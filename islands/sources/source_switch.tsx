import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { switchSource } from "../../src/web/client/sources.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/problem.tsx";

interface SourceSwitchProps {
  readonly name: string;
  readonly isOn: boolean;
  readonly onChange: () => void;
}

/** Starts or stops the reading of a source. */
export function SourceSwitch({ name, isOn, onChange }: SourceSwitchProps): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  async function change(): Promise<void> {
    isBusy.value = true;
    try {
      await switchSource(name, !isOn);
      onChange();
    } catch (error) {
      problem.value = problemIn(error);
    }
    isBusy.value = false;
  }
  return (
    <>
      <button
        class="button"
        type="button"
        disabled={isBusy.value}
        onClick={change}
        aria-label={`${isOn ? "Stop" : "Start"} ${name}`}
      >
        {isOn ? "Stop" : "Start"}
      </button>
      {problem.value
        ? (
          <Dialog title={`${name} was not ${isOn ? "stopped" : "started"}`} onClose={() => problem.value = undefined}>
            <ProblemNote problem={problem.value} />
          </Dialog>
        )
        : null}
    </>
  );
}
