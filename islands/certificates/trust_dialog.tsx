import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { changeTrust, type TrustChange, type TrustItem } from "../../src/web/client/trust.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Note } from "../parts/state.tsx";
import { TrustFacts } from "./trust_card.tsx";

const WORDS = {
  trust: {
    title: "Trust this certificate?",
    text:
      "Compare the SHA-256 or the thumbprint with what the server itself shows, at its own screen or configuration " +
      "tool. Who has this certificate’s key is then read from, and is sent the user and password of the source. Sources " +
      "that wait for it connect at once.",
    yes: "They are the same: trust it",
  },
  reject: {
    title: "Turn this certificate away?",
    text: "The next connection to a server with it is refused. A session that is open stays until it ends.",
    yes: "Turn it away",
  },
  remove: {
    title: "Forget this certificate?",
    text: "Its file is deleted. When a server shows it again it is turned away, and listed again.",
    yes: "Forget it",
  },
} as const;

interface TrustDialogProps {
  readonly item: TrustItem;
  readonly change: TrustChange;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Asks before a certificate is trusted or not any more, with what is to be compared. */
export function TrustDialog({ item, change, onClose, onDone }: TrustDialogProps): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const { title, text, yes } = WORDS[change];
  async function apply(): Promise<void> {
    isBusy.value = true;
    try {
      await changeTrust(item.fingerprint, change);
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
      isBusy.value = false;
    }
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      closeText="Cancel"
      actions={
        <button
          class={`button ${change === "trust" ? "button-main" : "button-bad"}`}
          type="button"
          disabled={isBusy.value}
          onClick={apply}
        >
          {yes}
        </button>
      }
    >
      <p>{text}</p>
      {change === "trust" && item.is_authority
        ? (
          <Note level="warn">
            This certificate may sign others: all servers for which it does are trusted with it.
          </Note>
        )
        : null}
      <TrustFacts item={item} />
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
    </Dialog>
  );
}
