/** Merge patches by RFC 7396, in which sources are told apart by their names and not by their places. */
import { isObject, valueAt } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

/** What the GUI and the API have changed: a merge patch over the YAML. */
export type StatePatch = Readonly<Record<string, unknown>>;

/** The entry of `sources` in a patch. */
export type SourcePatch = Readonly<Record<string, unknown>> & { readonly name: string };

/** A document with a patch over it. */
export interface Merged {
  readonly value: unknown;
  /** The path in the patch of what stands at `path`; undefined where it is the document's own. */
  inPatch(path: Path): Path | undefined;
  /** The path in the document itself. */
  inDocument(path: Path): Path;
}

/** RFC 7396: members of `patch` take the place of those of `target`, and null takes them out. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, item] of Object.entries(patch)) {
    if (item === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), item));
  }
  return Object.fromEntries(merged);
}

/** Puts a patch over a configuration. `{ name, deleted: true }` takes a source out. */
export function mergeConfig(document: unknown, patch: StatePatch): Merged {
  if (!isObject(document)) return { value: document, inPatch: () => undefined, inDocument: (path) => path };
  const { sources: own, ...others } = document;
  const { sources: changed, ...rest } = patch;
  const whole = mergePatch(others, rest) as Record<string, unknown>; // of an object
  if (!Array.isArray(changed) || (own !== undefined && own !== null && !Array.isArray(own))) {
    return placed(own === undefined ? whole : { ...whole, sources: own }, { patch: rest, origins: undefined });
  }
  const merged = mergeSources(own ?? [], sourcesOf(patch));
  const sources = merged.map(({ value }) => value);
  return placed({ ...whole, sources }, { patch, origins: merged });
}

/** The entries of a patch's `sources`. */
export function sourcesOf(patch: StatePatch): readonly SourcePatch[] {
  const { sources } = patch;
  return Array.isArray(sources) ? sources.filter(isSourcePatch) : [];
}

export function isSourcePatch(value: unknown): value is SourcePatch {
  return isObject(value) && typeof value.name === "string";
}

/** A source, and its places in the document and in the patch. */
interface MergedSource {
  readonly value: unknown;
  readonly own?: number;
  readonly patched?: number;
}

function mergeSources(own: readonly unknown[], patches: readonly SourcePatch[]): MergedSource[] {
  const known = new Map(patches.map(({ name }, index) => [name, index]));
  const names = new Set(own.map((source) => valueAt(source, ["name"])));
  const changed = own.flatMap((value, index): MergedSource[] => {
    const patched = known.get(String(valueAt(value, ["name"])));
    const patch = patched === undefined ? undefined : patches[patched];
    if (patched === undefined || !patch) return [{ value, own: index }];
    return patch.deleted === true ? [] : [{ value: over(value, patch), own: index, patched }];
  });
  const added = patches.flatMap((patch, patched): MergedSource[] =>
    names.has(patch.name) || patch.deleted === true ? [] : [{ value: over({}, patch), patched }]
  );
  return [...changed, ...added];
}

function over(source: unknown, { deleted: _deleted, ...patch }: SourcePatch): unknown {
  return mergePatch(source, patch);
}

interface Parts {
  readonly patch: StatePatch;
  /** Of each source; undefined where the patch says nothing of sources. */
  readonly origins: readonly MergedSource[] | undefined;
}

function placed(value: unknown, { patch, origins }: Parts): Merged {
  const translated = (path: Path, index: (origin: MergedSource) => number | undefined): Path | undefined => {
    const [block, at, ...rest] = path;
    if (block !== "sources" || typeof at !== "number" || !origins) return path;
    const found = origins[at] && index(origins[at]);
    return found === undefined ? undefined : [block, found, ...rest];
  };
  return {
    value,
    inDocument: (path) => translated(path, ({ own }) => own) ?? path.slice(0, 1),
    inPatch: (path) => {
      const own = translated(path, ({ own }) => own);
      const there = translated(path, ({ patched }) => patched);
      if (there === undefined || path.length === 0) return undefined;
      return own === undefined || valueAt(patch, there) !== undefined || isWithin(patch, there) ? there : undefined;
    },
  };
}

/** Whether `path` leads into a list or a text that the patch sets as a whole. */
function isWithin(patch: StatePatch, path: Path): boolean {
  for (let end = path.length - 1; end > 0; end--) {
    const value = valueAt(patch, path.slice(0, end));
    if (value !== undefined) return !isObject(value) && !(end === 1 && path[0] === "sources");
  }
  return false;
}
