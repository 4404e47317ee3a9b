/** What no single block of the configuration can say. */
import type { Fault } from "./issue_text.ts";
import { isObject, valueAt } from "./walk.ts";

/** Looks at the document, not at the parsed configuration: so it also speaks while other things are wrong. */
export function faultsAcross(value: unknown): Fault[] {
  return [...twins(value), ...nowhereToWrite(value)];
}

function sourcesOf(value: unknown): readonly unknown[] {
  const sources = valueAt(value, ["sources"]);
  return Array.isArray(sources) ? sources : [];
}

function twins(value: unknown): Fault[] {
  const seen = new Map<unknown, number>();
  return sourcesOf(value).flatMap((source, index) => {
    const name = valueAt(source, ["name"]);
    const twin = seen.get(name);
    if (twin === undefined) seen.set(name, index);
    if (twin === undefined || name === undefined) return [];
    return [{ path: ["sources", index, "name"], message: `must be unique: sources[${twin}] has the same name` }];
  });
}

function nowhereToWrite(value: unknown): Fault[] {
  const zerobus = valueAt(value, ["zerobus"]);
  const toZerobus = isObject(zerobus) && zerobus.enabled !== false;
  const toFile = valueAt(value, ["local_sink", "enabled"]) === true;
  const isRead = sourcesOf(value).some((source) => isObject(source) && source.enabled !== false);
  if (toZerobus || toFile || !isRead) return [];
  const message =
    "there is nowhere to write to: set zerobus.enabled to true for Databricks, or local_sink.enabled to true for a file";
  return [{ path: ["sources"], message }];
}
