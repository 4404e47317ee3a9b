import { useSignal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect } from "preact/hooks";

interface FoldProps {
  readonly summary: ComponentChildren;
  /** Whether it begins open. From then on only the user folds it. */
  readonly isOpen: boolean;
  /** Opens it whenever that becomes so. */
  readonly hasFault: boolean;
  readonly children: ComponentChildren;
}

/** A part of a form that can be folded away. What is typed in it never folds it. */
export function Fold({ summary, isOpen, hasFault, children }: FoldProps): VNode {
  const open = useSignal(isOpen || hasFault);
  useEffect(() => {
    if (hasFault) open.value = true;
  }, [hasFault]);
  return (
    <details open={open.value} onToggle={(event) => open.value = event.currentTarget.open}>
      <summary class="break">{summary}</summary>
      {children}
    </details>
  );
}
