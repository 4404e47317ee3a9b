/** From what is set in a field back to what holds without it. */
import type { FormField, Json } from "./form_model.ts";
import { isEqual } from "./form_value.ts";

/** Where a value comes from. `both`: a change made here stands in the place of what the YAML says. */
export type FieldOrigin = "yaml" | "state" | "both";

export interface FieldNow {
  readonly value: Json | undefined;
  /** What holds now. */
  readonly saved: Json | undefined;
  /** Of what holds now; undefined: it is the default, or there is nothing yet. */
  readonly origin: FieldOrigin | undefined;
}

export interface WayBack {
  readonly text: string;
  /** What the field then says; undefined: nothing. */
  readonly value: Json | undefined;
}

/** Undefined where nothing else would hold. */
export function wayBack(field: FormField, { value, saved, origin }: FieldNow): WayBack | undefined {
  const { preset, isRequired, node } = field;
  if (origin === "yaml") return isEqual(value, saved) ? undefined : { text: "Back to the YAML", value: saved };
  if (value === undefined || isRequired || (node.kind === "text" && node.isSecret)) return undefined;
  if (origin === "both") return { text: "Back to the YAML", value: undefined };
  if (preset === undefined || preset === null || preset === "" || isEqual(value, preset)) return undefined;
  return { text: `Back to ${preset}, the default`, value: undefined };
}
