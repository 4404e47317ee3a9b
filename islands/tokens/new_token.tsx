import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { addToken } from "../../src/web/client/access.ts";
import { Ask } from "../parts/ask.tsx";
import { ChoiceField, TextField } from "../parts/field.tsx";
import { Note } from "../parts/state.tsx";
import { RoleField } from "../users/user_dialog.tsx";

const ENDS = [["30", "30 days"], ["90", "90 days"], ["365", "a year"], ["1825", "five years"], [
  "",
  "it is revoked",
]] as const;

interface NewTokenProps {
  /** Is given its text. */
  readonly onMade: (text: string) => void;
  readonly onClose: () => void;
}

/** Asks what a token is for, and makes it. */
export function NewToken({ onMade, onClose }: NewTokenProps): VNode {
  const name = useSignal("");
  const role = useSignal("viewer");
  const days = useSignal("365");
  const text = useRef("");
  async function act(): Promise<void> {
    const end = days.value === "" ? null : Number(days.value);
    text.current = await addToken({ name: name.value.trim(), role: role.value, days: end });
  }
  return (
    <Ask title="Make a token" yes="Make it" act={act} onDone={() => onMade(text.current)} onClose={onClose}>
      <TextField
        label="Name"
        help="What it is for; the audit tells it with all that the token does."
        value={name.value}
        isRequired
        onInput={(value) => name.value = value}
      />
      <RoleField value={role.value} onChange={(value) => role.value = value} />
      <ChoiceField label="Good until" value={days.value} options={ENDS} onChange={(value) => days.value = value} />
    </Ask>
  );
}

interface TokenTextProps {
  readonly text: string;
  readonly onHide: () => void;
}

/** The token itself, this once. */
export function TokenText({ text, onHide }: TokenTextProps): VNode {
  const place = useRef<HTMLInputElement>(null);
  const isCopied = useSignal(false);
  async function copy(): Promise<void> {
    place.current?.select();
    // Browsers give scripts the clipboard over TLS and on the host itself alone; else it is selected, for the keyboard.
    await navigator.clipboard?.writeText(text).then(() => isCopied.value = true, () => {/* it is selected */});
  }
  return (
    <Note level="warn" isUrgent>
      <strong>Copy the token now: it is not shown again.</strong>
      <div class="filters">
        <div class="grow">
          <input class="mono" ref={place} value={text} readOnly aria-label="The new token" />
        </div>
        <button class="button button-main" type="button" onClick={copy}>{isCopied.value ? "Copied" : "Copy"}</button>
        <button class="button" type="button" onClick={onHide}>Hide it</button>
      </div>
    </Note>
  );
}
