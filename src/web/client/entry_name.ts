import type { Json } from "./form_model.ts";
import { isObject } from "./form_value.ts";

/** What people know an entry of a list by. */
const NAMES = ["name", "node_id", "browse_path", "topic", "url", "address"];

/** The name of a register, node or topic; undefined for one that has none yet. */
export function entryName(value: Json | undefined): string | undefined {
  const found = isObject(value)
    ? NAMES.map((name) => value[name]).find((each) => each !== undefined && each !== null && each !== "")
    : undefined;
  return found === undefined ? undefined : String(found);
}
