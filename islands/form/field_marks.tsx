import type { VNode } from "preact";
import type { FormField, Json } from "../../src/web/client/form_model.ts";
import { type FieldNow, type FieldOrigin, wayBack } from "../../src/web/client/way_back.ts";
import { State } from "../parts/state.tsx";

interface FieldMarksProps extends FieldNow {
  readonly field: FormField;
  readonly isUnsaved: boolean;
  readonly onChange: (value: Json | undefined) => void;
}

const ORIGINS: Readonly<Record<FieldOrigin, string>> = {
  yaml: "Set in the YAML.",
  state: "Changed here.",
  both: "Changed here; the YAML says something else, which this wins over.",
};

/** Where a value comes from, that it is not saved yet, and the way back to what holds without it. */
export function FieldMarks({ field, isUnsaved, onChange, ...now }: FieldMarksProps): VNode | null {
  const { origin } = now;
  const back = wayBack(field, now);
  if (!isUnsaved && origin === undefined && back === undefined) return null;
  return (
    <>
      {isUnsaved ? <State level="warn">Not saved</State> : null}
      {origin === undefined ? null : <span>{ORIGINS[origin]}</span>}
      {back === undefined
        ? null
        : <button class="button-link" type="button" onClick={() => onChange(back.value)}>{back.text}</button>}
    </>
  );
}
