import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { type LetterChoice, type Outcome, outcomeTold, settleLetters } from "../../src/web/client/letters.ts";
import { useLongWork } from "../../src/web/client/long_work.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Progress } from "../parts/progress.tsx";
import { Note } from "../parts/state.tsx";

export interface LetterActionsProps {
  readonly choice: LetterChoice;
  /** Which those are, for the buttons: `all`, `3 ticked`; empty where there is one. */
  readonly which: string;
  readonly canReplay: boolean;
  readonly canPurge: boolean;
  /** Is told what was done, in words. */
  readonly onDone: (text: string) => void;
}

type Asking = "replay" | "purge" | undefined;

/** Buttons that ask before they do what they say. */
export function LetterActions({ choice, which, canReplay, canPurge, onDone }: LetterActionsProps): VNode {
  const asking = useSignal<Asking>(undefined);
  const some = which === "" ? "" : ` ${which}`;
  function close(text: string | undefined): void {
    asking.value = undefined;
    if (text !== undefined) onDone(text);
  }
  return (
    <>
      {canReplay
        ? <button class="button" type="button" onClick={() => asking.value = "replay"}>Replay{some}</button>
        : null}
      {canPurge
        ? <button class="button button-bad" type="button" onClick={() => asking.value = "purge"}>Purge{some}</button>
        : null}
      {asking.value ? <Question what={asking.value} choice={choice} which={which} onClose={close} /> : null}
    </>
  );
}

const QUESTIONS = {
  replay: {
    title: "Replay dead letters",
    text:
      "They go back to where rows wait for their table, decoded with the present settings. What still cannot go stays here.",
    busy: "Sending them again",
    yes: "Replay",
  },
  purge: {
    title: "Purge dead letters",
    text: "They are deleted for good, and the ledger counts them as purged. Nothing brings them back.",
    busy: "Deleting them",
    yes: "Purge for good",
  },
} as const;

interface QuestionProps extends Pick<LetterActionsProps, "choice" | "which"> {
  readonly what: "replay" | "purge";
  /** Is told what was done, in words, where something was. */
  readonly onClose: (text: string | undefined) => void;
}

/** Asks, shows how far it is, and why letters stay; where none does, it is gone at the end. */
function Question({ what, choice, which, onClose }: QuestionProps): VNode {
  const { work, begin } = useLongWork<Outcome>();
  const { title, text, busy, yes } = QUESTIONS[what];
  const now = work.value;
  async function act(): Promise<void> {
    await begin((onStep, signal) => settleLetters(what, choice, { onStep, signal }));
    const { value: then } = work;
    if (then.state === "done" && (then.value.failures ?? []).length + then.value.left === 0) {
      onClose(outcomeTold(then.value));
    }
  }
  const button = (
    <button
      class={`button ${what === "purge" ? "button-bad" : "button-main"}`}
      type="button"
      disabled={now.state === "busy"}
      onClick={act}
    >
      {yes}
    </button>
  );
  const isOver = now.state === "done";
  const told = isOver ? outcomeTold(now.value) : now.state === "busy" ? "Stopped before the end." : undefined;
  return (
    <Dialog
      title={title}
      onClose={() => onClose(told)}
      closeText={isOver ? "Close" : now.state === "busy" ? "Stop" : "Cancel"}
      actions={isOver ? undefined : button}
    >
      {isOver ? <Stayed outcome={now.value} /> : <p>{which === "" ? text : `${upper(which)}. ${text}`}</p>}
      {now.state === "failed" ? <ProblemNote problem={now.problem} /> : null}
      {now.state === "busy" ? <Progress what={busy} step={now.step} /> : null}
    </Dialog>
  );
}

const MAX_SHOWN = 10;

function Stayed({ outcome }: { readonly outcome: Outcome }): VNode {
  const { failures = [], stayed = 0 } = outcome;
  return (
    <>
      <Note level="warn" isUrgent>{outcomeTold(outcome)}</Note>
      <ul>{failures.slice(0, MAX_SHOWN).map((each) => <li class="break" key={each}>{each}</li>)}</ul>
      {stayed > MAX_SHOWN ? <p class="soft">And {stayed - MAX_SHOWN} more.</p> : null}
    </>
  );
}

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
