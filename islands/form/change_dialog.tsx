import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { applyChange, type Effects, NOT_APPLIED, type Plan } from "../../src/web/client/config.ts";
import type { JsonObject } from "../../src/web/client/form_model.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Note, State } from "../parts/state.tsx";

/** A change that was found to be good, and what it would do. */
export interface Planned {
  readonly patch: JsonObject;
  readonly plan: Plan;
  readonly version: string | undefined;
}

interface ChangeDialogProps extends Planned {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Shows what a change does before it is made. */
export function ChangeDialog({ patch, plan, version, onClose, onDone }: ChangeDialogProps): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  async function apply(evenIfDown: boolean): Promise<void> {
    isBusy.value = true;
    problem.value = undefined;
    try {
      await applyChange(patch, { version, evenIfDown });
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
      isBusy.value = false;
    }
  }
  const wasTakenBack = problem.value?.code === NOT_APPLIED;
  const isEmpty = plan.diff.trim() === "";
  const yes = (
    <button
      class="button button-main"
      type="button"
      disabled={isBusy.value}
      onClick={() => apply(wasTakenBack)}
    >
      {wasTakenBack ? "Apply although it does not start" : "Apply"}
    </button>
  );
  return (
    <Dialog
      title="What will change"
      onClose={onClose}
      closeText={isEmpty ? "Close" : "Cancel"}
      actions={isEmpty ? undefined : yes}
    >
      {isEmpty ? <p>Nothing: the configuration says this already.</p> : <Diff text={plan.diff} />}
      <EffectList effects={plan.effects} />
      {plan.warnings.map((warning) => (
        <Note level="warn" key={warning}>
          <span class="break">{warning}</span>
        </Note>
      ))}
      {isBusy.value
        ? (
          <p role="status">
            <State level="busy">Applying. What does not start is taken back by itself.</State>
          </p>
        )
        : null}
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      {wasTakenBack
        ? (
          <p class="soft">
            Everything is as it was. If the device is only away for now, the change can be kept: it is tried until it is
            there.
          </p>
        )
        : null}
    </Dialog>
  );
}

/** Lines that go and lines that come, which differ by their signs too. */
function Diff({ text }: { readonly text: string }): VNode {
  return (
    <pre tabIndex={0} aria-label="Difference">
      {text.split("\n").map((line, index) => (
        <span key={index} class={line.startsWith("+") ? "diff-add" : line.startsWith("-") ? "diff-gone" : undefined}>{`${line}\n`}</span>
      ))}
    </pre>
  );
}

function EffectList({ effects: { starts, stops, restarts, connector } }: { readonly effects: Effects }): VNode {
  const rows = [["Starts", starts], ["Stops", stops], ["Starts anew", restarts]] as const;
  const told = rows.filter(([, names]) => names.length > 0);
  return (
    <>
      {connector.length > 0
        ? (
          <Note level="warn">
            The connector starts anew for {connector.join(", ")}: a few seconds, in which nothing is lost.
          </Note>
        )
        : null}
      {told.length > 0
        ? (
          <dl class="facts">
            {told.map((
              [text, names],
            ) => [<dt key={text}>{text}</dt>, <dd key={`${text} names`}>{shortList(names)}</dd>])}
          </dl>
        )
        : null}
    </>
  );
}

function shortList(names: readonly string[]): string {
  return names.length <= 8 ? names.join(", ") : `${names.slice(0, 8).join(", ")} and ${names.length - 8} more`;
}
