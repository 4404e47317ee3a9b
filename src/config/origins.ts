import { pathText } from "./finding.ts";
import { type Merged } from "./merge.ts";
import { isObject } from "./walk.ts";
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

function leavesOf(value: unknown, path: Path): Path[] {
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
  const isSources = path.length === 1 && path[0] === "sources" && Array.isArray(value);
  return isSources ? value.flatMap((item, index) => leavesOf(item, [...path, index])) : [path];
}
