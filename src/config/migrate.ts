import type { Fault } from "./issue_text.ts";
import { isObject } from "./walk.ts";

type Document = Record<string, unknown>;

/** The form of the file that this version understands. */
export const CURRENT_VERSION = 1;

/** Entry `n` turns form `n` into form `n + 1`; pure. There has been one form so far. */
const MIGRATIONS: ReadonlyMap<number, (document: Document) => Document> = new Map();

/** A document in the current form, or what keeps it from that. */
export function migrate(value: unknown): { readonly value: unknown; readonly fault?: Fault } {
  if (!isObject(value)) return { value };
  let current = { version: CURRENT_VERSION, ...value };
  for (let step = MIGRATIONS.get(current.version); step; step = MIGRATIONS.get(current.version)) {
    current = { ...step(current), version: current.version + 1 };
  }
  if (current.version === CURRENT_VERSION) return { value: current };
  const version: unknown = current.version; // whatever the file says
  const known = [...MIGRATIONS.keys(), CURRENT_VERSION].join(", ");
  const isNewer = typeof version === "number" && version > CURRENT_VERSION;
  const hint = isNewer ? "; the file was written for a newer connector" : "";
  return {
    value,
    fault: { path: ["version"], message: `must be ${known}: no other form of the file is known${hint}` },
  };
}
