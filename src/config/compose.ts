/** What becomes of the state when a change is added to it. */
import { mergePatch, type SourcePatch, sourcesOf, type StatePatch } from "./merge.ts";
import { isObject, valueAt } from "./walk.ts";

/**
 * The state with a change over it. null takes out what the state says, so that the YAML's value holds again; sources go
 * by name, and `{ name, deleted: true }` hides one of the YAML's (`document`) or removes one of the state's own.
 */
export function composeState(state: StatePatch, change: StatePatch, document: unknown): StatePatch {
  const { sources: _before, ...rest } = state;
  const { sources: changed, ...others } = change;
  const whole = withoutEmpty(mergePatch(rest, others) as Record<string, unknown>); // of an object
  const sources = changed === null ? [] : composeSources(sourcesOf(state), sourcesOf(change), namesIn(document));
  return sources.length > 0 ? { ...whole, sources } : whole;
}

/** The names of a document's sources. */
export function namesIn(document: unknown): ReadonlySet<string> {
  const sources = valueAt(document, ["sources"]);
  return new Set((Array.isArray(sources) ? sources : []).map((source) => String(valueAt(source, ["name"]))));
}

function composeSources(
  state: readonly SourcePatch[],
  change: readonly SourcePatch[],
  inYaml: ReadonlySet<string>,
): SourcePatch[] {
  const entries = new Map(state.map((entry) => [entry.name, entry]));
  for (const patch of change) {
    const entry = composed(entries.get(patch.name), patch);
    const isHidden = entry.deleted === true;
    const saysNothing = inYaml.has(patch.name) ? Object.keys(entry).length === 1 : isHidden;
    if (saysNothing) entries.delete(patch.name);
    else entries.set(patch.name, isHidden ? { name: patch.name, deleted: true } : entry);
  }
  return [...entries.values()];
}

function composed(before: SourcePatch | undefined, patch: SourcePatch): SourcePatch {
  if (patch.deleted === true) return { name: patch.name, deleted: true };
  const { deleted: _deleted, ...shown } = before ?? patch;
  const { deleted: _also, ...change } = patch;
  const merged = withoutEmpty(mergePatch(before ? shown : {}, change) as Record<string, unknown>); // of an object
  return { ...merged, name: patch.name };
}

/** Blocks that nothing is left of. */
function withoutEmpty(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (!isObject(item)) return [[key, item]];
      const left = withoutEmpty(item);
      return Object.keys(left).length > 0 ? [[key, left]] : [];
    }),
  );
}
