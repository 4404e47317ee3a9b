import { createContext } from "preact";
import type { CurrentConfig } from "../../src/web/client/config.ts";
import type { Json } from "../../src/web/client/form_model.ts";
import type { FieldOrigin } from "../../src/web/client/way_back.ts";

/** Where the value at a path of the form comes from; undefined: it is the default, or new. */
export type OriginOf = (path: string) => FieldOrigin | undefined;

export const Origins = createContext<OriginOf>(() => undefined);

/** `prefix` begins the configuration's paths of what the form shows. */
export function originOf({ origins, hidden }: CurrentConfig, prefix = ""): OriginOf {
  const covered = new Set(hidden);
  return (path) => covered.has(prefix + path) ? "both" : origins[prefix + path];
}

/** Whether the value at a path, or one under it, is not saved yet. */
export type IsUnsaved = (path: string) => boolean;

export const Unsaved = createContext<IsUnsaved>(() => false);

export function unsavedAmong(changed: readonly string[]): IsUnsaved {
  return (path) => changed.some((each) => each === path || each.startsWith(`${path}.`) || path.startsWith(`${each}[`));
}

/** What holds now at a path of the form. */
export type SavedAt = (path: string) => Json | undefined;

export const Saved = createContext<SavedAt>(() => undefined);

/** Of all forms under it: everything is unfolded, as what is searched for would not be seen. */
export const Unfolded = createContext(false);
