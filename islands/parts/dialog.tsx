import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Buttons; one that closes is always there. */
  readonly actions?: ComponentChildren;
  readonly closeText?: string;
  /** What closing could not take back is under way: it stays open. */
  readonly isHeld?: boolean;
}

/** A dialog over the page, as long as it is rendered. Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, children, actions, closeText = "Close", isHeld = false }: DialogProps): VNode {
  const place = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    place.current?.showModal();
    return () => before instanceof HTMLElement && before.isConnected ? before.focus() : undefined;
  }, []);
  function cancelled(event: Event): void {
    event.preventDefault();
    if (!isHeld) onClose();
  }
  /** Browsers let a second Escape close a dialog without asking. */
  function closed(): void {
    if (isHeld) place.current?.showModal();
    else onClose();
  }
  return (
    <dialog ref={place} aria-labelledby={id} onCancel={cancelled} onClose={closed}>
      <header>
        <h2 id={id}>{title}</h2>
      </header>
      <div class="panel-body">{children}</div>
      <footer>
        <button class="button" type="button" disabled={isHeld} onClick={onClose}>{closeText}</button>
        {actions}
      </footer>
    </dialog>
  );
}
