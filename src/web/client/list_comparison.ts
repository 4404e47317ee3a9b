/** What another list does to the entries of one. */
import { entryName } from "./entry_name.ts";
import type { Json } from "./form_model.ts";
import { isEqual } from "./form_value.ts";

export interface ListComparison {
  readonly added: readonly Json[];
  readonly changed: readonly { readonly before: Json; readonly after: Json }[];
  readonly removed: readonly Json[];
  readonly sameCount: number;
}

/** Entries go by their names; of several of one name the first is compared with the first. */
export function compareLists(before: readonly Json[], after: readonly Json[]): ListComparison {
  const old = byKey(before);
  const added: Json[] = [];
  const changed: { before: Json; after: Json }[] = [];
  let sameCount = 0;
  for (const [key, entry] of byKey(after)) {
    const was = old.get(key);
    old.delete(key);
    if (was === undefined) added.push(entry);
    else if (isEqual(was, entry)) sameCount++;
    else changed.push({ before: was, after: entry });
  }
  return { added, changed, removed: [...old.values()], sameCount };
}

/** `before` with what `after` adds and changes; what it does not have stays, in its place. */
export function mergedLists(before: readonly Json[], after: readonly Json[]): readonly Json[] {
  const wanted = byKey(after);
  const kept = [...byKey(before)].map(([key, entry]) => {
    const now = wanted.get(key) ?? entry;
    wanted.delete(key);
    return now;
  });
  return [...kept, ...wanted.values()];
}

function byKey(entries: readonly Json[]): Map<string, Json> {
  const seen = new Map<string, number>();
  return new Map(entries.map((entry) => {
    const name = entryName(entry) ?? "";
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return [`${count} ${name}`, entry];
  }));
}
