import type { ValueFault } from "../../src/web/client/api.ts";
import type { SourceForm } from "../../src/web/client/draft.ts";
import type { JsonObject } from "../../src/web/client/form_model.ts";

/** What each tool beside the form of a source is given. */
export interface ToolProps {
  readonly form: SourceForm;
  readonly onChange: (value: JsonObject) => void;
  /** Shows what the connector said of single settings at their fields. */
  readonly onFaults: (faults: readonly ValueFault[]) => void;
}

/** Enter in a tool starts it, and does not save the form around it. */
export function onEnter(start: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    start();
  };
}
