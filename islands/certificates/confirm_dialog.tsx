import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/problem.tsx";

interface ConfirmDialogProps {
  readonly title: string;
  readonly yes: string;
  readonly task: () => Promise<void>;
  readonly onClose: () => void;
  readonly onDone: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something is taken away. */
export function ConfirmDialog({ title, yes, task, onClose, onDone, children }: ConfirmDialogProps): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  async function apply(): Promise<void> {
    isBusy.value = true;
    try {
      await task();
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
      isBusy.value = false;
    }
  }
  const button = <button class="button button-bad" type="button" disabled={isBusy.value} onClick={apply}>{yes}</button>;
  return (
    <Dialog title={title} onClose={onClose} closeText="Cancel" actions={button}>
      {children}
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
    </Dialog>
  );
}
