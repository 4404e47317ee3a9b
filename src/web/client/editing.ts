import { useSignal } from "@preact/signals";
import type { ValueFault } from "./api.ts";
import { type Plan, planChange } from "./config.ts";
import { type Faults, faultsOf, told } from "./form_faults.ts";
import type { FormNode, Json, JsonObject } from "./form_model.ts";
import { changedPaths } from "./form_value.ts";
import { problemIn } from "./loaded.ts";

export interface EditingOptions {
  readonly node: FormNode;
  /** What is set now. */
  readonly before: JsonObject;
  /** What a form begins with where that is something else: a copy of another, say. */
  readonly begin?: JsonObject;
  readonly patchOf: (after: JsonObject) => JsonObject;
  /** Begins the paths, in the connector's words, of what this form shows. */
  readonly prefix: RegExp;
}

export interface Planned {
  readonly patch: JsonObject;
  readonly plan: Plan;
}

/** A form that is being filled in. */
export interface Editing {
  readonly value: JsonObject;
  /** What is set now. */
  readonly before: JsonObject;
  readonly isChanged: boolean;
  /** What is not saved yet, by path. */
  readonly changed: readonly string[];
  readonly isBusy: boolean;
  readonly faults: Faults;
  readonly rest: readonly ValueFault[];
  /** What the change would do, once it was asked for and is good. */
  readonly planned: Planned | undefined;
  set(value: Json | undefined): void;
  discard(): void;
  review(): Promise<void>;
  closeReview(): void;
  /** Shows what the connector said of single values at their fields, the rest at the end of the form. */
  tell(errors: readonly ValueFault[]): void;
  /** What was set is in effect now: nothing of it is lost when the page is left. */
  saved(): void;
}

/** The schema tells first what is wrong, then the connector. */
export function useEditing({ node, before, begin = before, patchOf, prefix }: EditingOptions): Editing {
  const value = useSignal(begin);
  const wrong = useSignal<{ faults: Faults; rest: readonly ValueFault[] }>({ faults: new Map(), rest: [] });
  const planned = useSignal<Planned | undefined>(undefined);
  const isBusy = useSignal(false);
  const isSaved = useSignal(false);
  const changed = isSaved.value ? [] : changedPaths(before, value.value);
  async function review(): Promise<void> {
    const faults = faultsOf(node, value.value);
    wrong.value = { faults, rest: [] };
    isBusy.value = faults.size === 0;
    if (faults.size > 0) return;
    const reviewed = value.value;
    const patch = patchOf(reviewed);
    try {
      const plan = await planChange(patch);
      // What was typed meanwhile belongs to what is shown, or it would be taken for saved.
      if (value.value !== reviewed) return await review();
      planned.value = { patch, plan };
    } catch (error) {
      if (value.value !== reviewed) return await review();
      const { errors = [], detail, title } = problemIn(error);
      wrong.value = told(errors.length > 0 ? errors : [{ path: "", message: detail ?? title }], prefix);
    }
    isBusy.value = false;
  }
  return {
    value: value.value,
    before,
    isChanged: changed.length > 0,
    changed,
    isBusy: isBusy.value,
    ...wrong.value,
    planned: planned.value,
    set(now) {
      isSaved.value = false;
      value.value = (now ?? {}) as JsonObject; // the root of a form is an object
    },
    discard() {
      value.value = before;
      wrong.value = { faults: new Map(), rest: [] };
    },
    review,
    closeReview: () => planned.value = undefined,
    tell: (errors) => wrong.value = told(errors, prefix),
    saved() {
      planned.value = undefined;
      isSaved.value = true;
    },
  };
}
