import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for who does not see it: `the statements`. */
  readonly what: string;
}

/** Puts a text where it can be pasted from, and says so. */
export function CopyButton({ text, what }: CopyButtonProps): VNode {
  const outcome = useSignal<"copied" | "failed" | undefined>(undefined);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      outcome.value = "copied";
    } catch {
      outcome.value = "failed"; // no clipboard over plain HTTP, or not allowed
    }
  }
  return (
    <span class="actions">
      <button class="button" type="button" onClick={copy} aria-label={`Copy ${what}`}>Copy</button>
      <span class="soft" role="status">
        {outcome.value === "copied" ? "Copied" : outcome.value === "failed" ? "Select the text to copy it" : ""}
      </span>
    </span>
  );
}
