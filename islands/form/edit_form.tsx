import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Editing } from "../../src/web/client/editing.ts";
import { valueAt } from "../../src/web/client/json_path.ts";
import { Note } from "../parts/state.tsx";
import { ChangeDialog } from "./change_dialog.tsx";
import { type OriginOf, Origins, Saved, Unsaved, unsavedAmong } from "./origins.ts";
import { SaveBar } from "./save_bar.tsx";

interface EditFormProps {
  readonly editing: Editing;
  /** Of the configuration that is changed. */
  readonly version: string | undefined;
  readonly originOf: OriginOf;
  /** Why nothing can be changed here; undefined where it can. */
  readonly why?: string | undefined;
  readonly onDone: () => void;
  /** What stands before the fields, and works also where nothing can be changed. */
  readonly head?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A form that changes the configuration: its fields, what is wrong with them, and the way over a review to saving. */
export function EditForm({ editing, version, originOf, why, onDone, head, children }: EditFormProps): VNode {
  const asks = useLeaveQuestion();
  asks.current = editing.isChanged && why === undefined;
  function submit(event: Event): void {
    event.preventDefault();
    editing.review().then(toFirstFault);
  }
  return (
    <Origins.Provider value={originOf}>
      <Unsaved.Provider value={unsavedAmong(editing.changed)}>
        <Saved.Provider value={(path) => valueAt(editing.before, path)}>
          <form class="panel panel-body" noValidate onSubmit={submit}>
            {why === undefined ? null : <Note level="idle">{why}</Note>}
            {head}
            <fieldset class="whole" disabled={why !== undefined}>{children}</fieldset>
            {why === undefined
              ? (
                <SaveBar
                  isBusy={editing.isBusy}
                  changedCount={editing.changed.length}
                  faultCount={editing.faults.size}
                  rest={editing.rest}
                  onDiscard={editing.discard}
                />
              )
              : null}
          </form>
          {editing.planned
            ? <ChangeDialog {...editing.planned} version={version} onClose={editing.closeReview} onDone={done} />
            : null}
        </Saved.Provider>
      </Unsaved.Provider>
    </Origins.Provider>
  );
  function done(): void {
    editing.saved();
    asks.current = false; // a page that is left at once is not rendered before
    onDone();
  }
}

/** The browser asks before the page is left while this is true. */
function useLeaveQuestion(): { current: boolean } {
  const asks = useRef(false);
  useEffect(() => {
    const ask = (event: Event) => asks.current && event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
  return asks;
}

function toFirstFault(): void {
  document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
