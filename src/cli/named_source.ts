import type { SourceEntry } from "../config/mod.ts";
import type { Call } from "./command.ts";

/** The source that a call's first word names; or why there is none. */
export function named(
  { operands: [name] }: Pick<Call, "operands">,
  sources: readonly SourceEntry[],
): SourceEntry | string {
  const source = sources.find(({ config }) => config.name === name);
  if (source) return source;
  const known = sources.map(({ config }) => config.name).join(", ") || "none";
  return name === undefined ? `Name a source: ${known}.` : `There is no source ${name}; there are: ${known}.`;
}
