import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import {
  type Applied,
  applyChange,
  type Effects,
  NOT_APPLIED,
  type Plan,
  settled,
} from "../../src/web/client/config.ts";
import type { JsonObject } from "../../src/web/client/form_model.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { Diff } from "./diff.tsx";
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
  const apply = (evenIfDown: boolean) => applyChange(patch, { version, evenIfDown });
  return <ReviewDialog plan={plan} apply={apply} onClose={onClose} onDone={onDone} />;
}

interface ReviewDialogProps {
  readonly title?: string;
  readonly plan: Plan;
  /** Absent where there is nothing to be done, only something to be seen. */
  readonly apply?: ((evenIfDown: boolean) => Promise<Applied>) | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
  /** What is to be said before the difference. */
  readonly children?: ComponentChildren;
}

/** What a plan does, and the way to do it. */
export function ReviewDialog(
  { title = "What will change", plan, apply, onClose, onDone, children }: ReviewDialogProps,
): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const confirm = useSignal<Applied["confirm"]>(undefined);
  async function act(evenIfDown: boolean): Promise<void> {
    isBusy.value = true;
    problem.value = undefined;
    try {
      const applied = await apply?.(evenIfDown) ?? {};
      confirm.value = applied.confirm;
      const failure = await settled(applied);
      if (failure === undefined) return onDone();
      problem.value = takenBack(failure);
    } catch (error) {
      problem.value = problemIn(error);
    }
    confirm.value = undefined;
    isBusy.value = false;
  }
  const wasTakenBack = problem.value?.code === NOT_APPLIED;
  const isEmpty = plan.diff.trim() === "";
  const yes = (
    <button
      class="button button-main"
      type="button"
      disabled={isBusy.value}
      onClick={() => act(wasTakenBack)}
    >
      {wasTakenBack ? "Apply although it does not start" : "Apply"}
    </button>
  );
  return (
    <Dialog
      title={title}
      isHeld={isBusy.value}
      onClose={onClose}
      closeText={isEmpty || !apply ? "Close" : "Cancel"}
      actions={isEmpty || !apply ? undefined : yes}
    >
      {children}
      {isEmpty ? <p>No difference: the configuration says this already.</p> : <Diff text={plan.diff} />}
      {apply ? <EffectList effects={plan.effects} /> : null}
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
      {confirm.value ? <NewAddress confirm={confirm.value} /> : null}
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

/** This page ends with the old address: whoever does not come to the new one in time has it taken back. */
function NewAddress({ confirm: { address, text } }: { readonly confirm: NonNullable<Applied["confirm"]> }): VNode {
  return (
    <Note level="warn" isUrgent>
      <span class="break">
        {text}. <a href={address} target="_blank" rel="noopener">Open {address}</a>
      </span>
    </Note>
  );
}

function takenBack(failure: string): Problem {
  return { status: 409, code: NOT_APPLIED, title: "The change was taken back", detail: failure };
}

function shortList(names: readonly string[]): string {
  return names.length <= 8 ? names.join(", ") : `${names.slice(0, 8).join(", ")} and ${names.length - 8} more`;
}
