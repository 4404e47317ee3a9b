import { DatabaseSync } from "node:sqlite";
import v8 from "node:v8";
import { exists } from "./files.ts";

/** `["meta"]` as the store writes it: a text part of a key stands between 2 and 0. */
const META = new Uint8Array([2, ...new TextEncoder().encode("meta"), 0]);

/**
 * The format that a spool says it has, without a change to it. Undefined where there is none, or it does not say: whoever
 * opens it finds out why.
 */
export function formatOf(directory: string): number | undefined {
  const path = `${directory}/spool.db`;
  if (!exists(path)) return undefined;
  try {
    using database = new DatabaseSync(path); // opened to read alone, it would leave files of its log behind
    const value = database.prepare("SELECT v FROM kv WHERE k = ?").get(META)?.v;
    const meta = value instanceof Uint8Array ? v8.deserialize(value) : undefined;
    return typeof meta?.format === "number" ? meta.format : undefined;
  } catch {
    return undefined; // damaged, or not to be read
  }
}
