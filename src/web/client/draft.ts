/** A source as its form has it, for the connector to look at its device with. */
import type { Problem } from "./api.ts";
import { problemIn } from "./loaded.ts";
import type { FormNode, Json, JsonObject } from "./form_model.ts";
import { isObject, patchBetween, withMember } from "./form_value.ts";

/** A form of a source, and what it may change of it. */
export interface SourceForm {
  /** The source as the form has it. */
  readonly value: JsonObject;
  /** The saved one; undefined for a new one. */
  readonly saved: JsonObject | undefined;
  readonly protocol: string;
  /** The key of what is read: `registers`, `nodes`, `topics`. */
  readonly list: string;
  /** What that list holds. */
  readonly item: FormNode;
}

/** For the API: what differs from the saved source; a new one has no name yet, so that it is never taken for another. */
export function draftOf({ value, saved }: Pick<SourceForm, "value" | "saved">): JsonObject {
  if (saved) return { ...patchBetween(saved, value), name: saved.name ?? "" };
  const { name: _name, ...rest } = value;
  return rest;
}

/** Why a draft could not be looked at. It stands in no file: what is wrong is named as the form has it. */
export function draftProblem(error: unknown): Problem {
  const { detail, errors = [], ...problem } = problemIn(error);
  if (errors.length === 0) return detail === undefined ? problem : { ...problem, detail };
  const told = errors.map(({ path, message }) => ({ path: path.replace(/^sources\[\d+\]\./, ""), message }));
  return { ...problem, title: "The form has to be filled in otherwise first", errors: told };
}

/** What the form lists. */
export function entriesOf({ value, protocol, list }: SourceForm): readonly Json[] {
  const block = value[protocol];
  const entries = isObject(block) ? block[list] : undefined;
  return Array.isArray(entries) ? entries : [];
}

/** The form with another list. */
export function withEntries({ value, protocol, list }: SourceForm, entries: readonly Json[]): JsonObject {
  const now = entries.length > 0 ? entries : undefined;
  return withMember(value, protocol, withMember(value[protocol], list, now));
}

/** An entry whose name no other has: `oven`, `oven_2`, … */
export function withFreeName(entry: JsonObject, entries: readonly Json[]): JsonObject {
  const taken = new Set(entries.map((each) => isObject(each) ? each.name : undefined));
  const wanted = entry.name;
  let name = wanted;
  for (let n = 2; name !== undefined && taken.has(name); n++) name = `${wanted}_${n}`;
  return name === undefined ? entry : { ...entry, name };
}
