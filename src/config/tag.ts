import { createHash } from "node:crypto";
import type { StatePatch } from "./merge.ts";

/** A short text that changes with every change of the two: for `ETag`. Of secrets it tells nothing: it is half a hash. */
export function tagOf(yaml: string, state: StatePatch): string {
  return createHash("sha256").update(yaml).update("\0").update(JSON.stringify(state)).digest("hex").slice(0, 32);
}
