import type { BrowsePathSettings } from "./node_settings.ts";

/** A place below an entry's object. */
export interface Place {
  /** From the Root on, with namespace indexes: `0:Root/0:Objects/2:Area/2:Speed`. */
  readonly path: string;
  /** The same without them: `Root/Objects/Area/Speed`. */
  readonly names: string;
  /** The last of the names. */
  readonly name: string;
}

/** Which places an entry takes, by `include` and `exclude`. */
export interface PathFilter {
  /** Whether the variable at this place is read. */
  takes(place: Place): boolean;
  /** Whether nothing at or below this place is read. */
  leavesOut(place: Place): boolean;
}

export function pathFilter({ include, exclude }: Pick<BrowsePathSettings, "include" | "exclude">): PathFilter {
  const isIncluded = matcher(include);
  const isExcluded = exclude === null ? () => false : matcher(exclude);
  return {
    takes: (place) => isIncluded(place) && !isExcluded(place),
    // `*/Diagnostics/*` leaves out all below Diagnostics, so that nobody need look into it.
    leavesOut: (place) =>
      isExcluded(place) ||
      (exclude?.endsWith("*") === true && isExcluded({ ...place, path: `${place.path}/`, names: `${place.names}/` })),
  };
}

/** A pattern fits the path with indexes or without, or the name alone. */
function matcher(pattern: string): (place: Place) => boolean {
  if (pattern === "*") return () => true;
  const parts = pattern.split("*");
  return ({ path, names, name }) => fits(path, parts) || fits(names, parts) || fits(name, parts);
}

/** Whether `text` is these parts with anything between them. In one pass, whatever the pattern. */
function fits(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
