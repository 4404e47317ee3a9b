import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { purgeLetters, replayLetters } from "../../src/web/client/letters.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Note } from "../parts/state.tsx";

export interface LetterActionsProps {
  readonly ids: readonly number[] | "all";
  readonly canReplay: boolean;
  readonly canPurge: boolean;
  /** Is told what was done, in words. */
  readonly onDone: (text: string) => void;
}

type Asking = "replay" | "purge" | undefined;

/** Buttons that ask before they do what they say. */
export function LetterActions({ ids, canReplay, canPurge, onDone }: LetterActionsProps): VNode {
  const asking = useSignal<Asking>(undefined);
  const all = ids === "all" ? " all" : ids.length > 1 ? ` these ${ids.length}` : "";
  return (
    <>
      {canReplay
        ? <button class="button" type="button" onClick={() => asking.value = "replay"}>Replay{all}</button>
        : null}
      {canPurge
        ? <button class="button button-bad" type="button" onClick={() => asking.value = "purge"}>Purge{all}</button>
        : null}
      {asking.value
        ? <Question what={asking.value} ids={ids} onDone={onDone} onClose={() => asking.value = undefined} />
        : null}
    </>
  );
}

const QUESTIONS = {
  replay: {
    title: "Replay dead letters",
    text:
      "They go back to where rows wait for their table, decoded with the present settings. What still cannot go stays here.",
  },
  purge: {
    title: "Purge dead letters",
    text: "They are deleted for good, and the ledger counts them as purged. Nothing brings them back.",
  },
} as const;

interface QuestionProps extends Pick<LetterActionsProps, "ids" | "onDone"> {
  readonly what: "replay" | "purge";
  readonly onClose: () => void;
}

function Question({ what, ids, onDone, onClose }: QuestionProps): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const failures = useSignal<readonly string[]>([]);
  const isBusy = useSignal(false);
  const { title, text } = QUESTIONS[what];
  async function act(): Promise<void> {
    isBusy.value = true;
    try {
      if (what === "purge") {
        await purgeLetters(ids);
        return onDone("Purged.");
      }
      const { letters, rows, failures: stayed } = await replayLetters(ids);
      if (stayed.length === 0) return onDone(`Replayed ${letters} letters as ${rows} rows.`);
      failures.value = stayed;
    } catch (error) {
      problem.value = problemIn(error);
    }
    isBusy.value = false;
  }
  const yes = (
    <button
      class={`button ${what === "purge" ? "button-bad" : "button-main"}`}
      type="button"
      disabled={isBusy.value}
      onClick={act}
    >
      {what === "purge" ? "Purge for good" : "Replay"}
    </button>
  );
  return (
    <Dialog title={title} onClose={onClose} closeText="Cancel" actions={failures.value.length === 0 ? yes : undefined}>
      <p>{text}</p>
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      {failures.value.length > 0
        ? (
          <Note level="warn" isUrgent>
            {failures.value.slice(0, 10).map((each) => <p class="break" key={each}>{each}</p>)}
          </Note>
        )
        : null}
    </Dialog>
  );
}
