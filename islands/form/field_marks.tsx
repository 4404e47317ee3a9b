import type { VNode } from "preact";
import type { FormField, Json } from "../../src/web/client/form_model.ts";
import { isEqual } from "../../src/web/client/form_value.ts";
import { State } from "../parts/state.tsx";
import type { FieldOrigin } from "./origins.ts";

interface FieldMarksProps {
  readonly field: FormField;
  readonly value: Json | undefined;
  readonly origin: FieldOrigin | undefined;
  readonly isUnsaved: boolean;
  /** Lets hold what holds where nothing is set. */
  readonly onReset: () => void;
}

const ORIGINS: Readonly<Record<FieldOrigin, string>> = {
  yaml: "Set in the YAML.",
  state: "Changed here.",
  both: "Changed here; the YAML says something else, which this wins over.",
};

/** Where a value comes from, that it is not saved yet, and the way back to what holds without it. */
export function FieldMarks({ field, value, origin, isUnsaved, onReset }: FieldMarksProps): VNode | null {
  const back = backTo(field, value, origin);
  if (!isUnsaved && origin === undefined && back === undefined) return null;
  return (
    <>
      {isUnsaved ? <State level="warn">Not saved</State> : null}
      {origin === undefined ? null : <span>{ORIGINS[origin]}</span>}
      {back === undefined ? null : <button class="button-link" type="button" onClick={onReset}>{back}</button>}
    </>
  );
}

/** Undefined where nothing is set, or nothing else would hold. A required value has no way back. */
function backTo(
  { preset, isRequired, node }: FormField,
  value: Json | undefined,
  origin: FieldOrigin | undefined,
): string | undefined {
  if (value === undefined || isRequired || (node.kind === "text" && node.isSecret)) return undefined;
  if (origin === "yaml" || origin === "both") return "Back to the YAML";
  if (preset === undefined || preset === null || preset === "" || isEqual(value, preset)) return undefined;
  return `Back to ${preset}, the default`;
}
