import { pathText } from "./finding.ts";
import { mergeConfig, type Merged, type StatePatch } from "./merge.ts";
import { isObject, valueAt } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

/** Where a value comes from; what is named by neither file is the schema's default. */
export type Origin = "yaml" | "state";
/** By path (`sources[0].endpoint`); a list that is replaced whole counts as one value. */
export type Origins = Readonly<Record<string, Origin>>;

/** Where every value that a file sets comes from. */
export function originsOf(merged: Merged): Origins {
  return Object.fromEntries(
    leavesOf(merged.value, []).map((path): [string, Origin] => {
      return [pathText(path), merged.inPatch(path) ? "state" : "yaml"];
    }),
  );
}

/** Values of the YAML in whose place a change stands: they hold again once that is taken back. */
export function hiddenIn(document: unknown, state: StatePatch): readonly string[] {
  const merged = mergeConfig(document, state);
  return leavesOf(merged.value, []).filter((path) => {
    const own = merged.inDocument(path);
    return merged.inPatch(path) && own.length === path.length && valueAt(document, own) !== undefined;
  }).map(pathText);
}

function leavesOf(value: unknown, path: Path): Path[] {
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
  const isSources = path.length === 1 && path[0] === "sources" && Array.isArray(value);
  return isSources ? value.flatMap((item, index) => leavesOf(item, [...path, index])) : [path];
}
