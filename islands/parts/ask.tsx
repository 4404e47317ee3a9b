import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { Dialog } from "./dialog.tsx";
import { ProblemNote } from "./problem.tsx";

interface AskProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly yes: string;
  /** It takes something away. */
  readonly isBad?: boolean;
  readonly act: () => Promise<void>;
  readonly onDone: () => void;
  readonly onClose: () => void;
  /** What will come of it, and fields that belong to it. */
  readonly children: ComponentChildren;
}

/** Asks before something is done, does it, and says why it could not be done. */
export function Ask({ title, yes, isBad = false, act, onDone, onClose, children }: AskProps): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  async function go(event: Event): Promise<void> {
    event.preventDefault();
    isBusy.value = true;
    problem.value = undefined;
    try {
      await act();
      return onDone();
    } catch (error) {
      problem.value = problemIn(error);
    }
    isBusy.value = false;
  }
  const button = (
    <button
      class={`button ${isBad ? "button-bad" : "button-main"}`}
      type="submit"
      form={FORM}
      disabled={isBusy.value}
    >
      {yes}
    </button>
  );
  return (
    <Dialog title={title} onClose={onClose} closeText="Cancel" actions={button}>
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      <form class="panel-list" id={FORM} onSubmit={go}>{children}</form>
    </Dialog>
  );
}

/** One dialog is open at a time. */
const FORM = "asked";
