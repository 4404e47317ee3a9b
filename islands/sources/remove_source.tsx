import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { planChange, readConfig } from "../../src/web/client/config.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { ChangeDialog, type Planned } from "../form/change_dialog.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/problem.tsx";

/** Takes a source out of the configuration. Rows that it gave go to their table all the same. */
export function RemoveSource({ name }: { readonly name: string }): VNode {
  const planned = useSignal<Planned | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  async function ask(): Promise<void> {
    const patch = { sources: [{ name, deleted: true }] };
    try {
      const { version } = await readConfig();
      planned.value = { patch, plan: await planChange(patch), version };
    } catch (error) {
      problem.value = problemIn(error);
    }
  }
  return (
    <>
      <button class="button button-bad" type="button" onClick={ask}>Remove</button>
      {planned.value
        ? (
          <ChangeDialog
            {...planned.value}
            onClose={() => planned.value = undefined}
            onDone={() => location.assign("/sources")}
          />
        )
        : null}
      {problem.value
        ? (
          <Dialog title="It cannot be removed" onClose={() => problem.value = undefined}>
            <ProblemNote problem={problem.value} />
          </Dialog>
        )
        : null}
    </>
  );
}
