import type { VNode } from "preact";
import type { ValueFault } from "../../src/web/client/api.ts";
import { Note, State } from "../parts/state.tsx";

interface SaveBarProps {
  readonly isBusy: boolean;
  /** Values that are not saved yet. */
  readonly changedCount: number;
  /** Of fields on this page. */
  readonly faultCount: number;
  /** What is wrong and has no field on this page. */
  readonly rest: readonly ValueFault[];
  readonly onDiscard: () => void;
}

/** The end of a form: what is wrong with it as a whole, and the way on. */
export function SaveBar({ isBusy, changedCount, faultCount, rest, onDiscard }: SaveBarProps): VNode {
  return (
    <>
      {faultCount > 0
        ? (
          <Note level="bad" isUrgent>
            {faultCount === 1 ? "One field needs" : `${faultCount} fields need`} another value.
          </Note>
        )
        : null}
      {rest.length > 0
        ? (
          <Note level="bad" isUrgent>
            {rest.map(({ path, message }) => (
              <span class="break" key={path + message}>{path ? `${path}: ` : ""}{message}</span>
            ))}
          </Note>
        )
        : null}
      <div class="actions">
        <button class="button button-main" type="submit" disabled={isBusy || changedCount === 0}>
          Review the change
        </button>
        {changedCount > 0
          ? (
            <>
              <button class="button" type="button" onClick={onDiscard}>Discard</button>
              <State level="warn">{changedCount === 1 ? "1 value" : `${changedCount} values`} not saved</State>
            </>
          )
          : null}
      </div>
    </>
  );
}
