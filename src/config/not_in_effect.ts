import type { z } from "zod";
import type { Fault } from "./issue_text.ts";
import { MEANINGLESS } from "./keys.ts";
import { anyWithin, isObject, metaOf, schemaUnder } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

type Schema = z.core.$ZodType;

const holdsIdle = anyWithin(({ notInEffect }) => notInEffect !== undefined);

/**
 * Every key that the file sets and that this version does not honour. A block as a whole counts once; a value that is
 * the case anyway, such as `enabled: false` for a part that is not there, is not worth a word.
 */
export function notInEffect(schema: Schema, value: unknown, path: Path = []): Fault[] {
  if (typeof value !== "object" || value === null || !holdsIdle(schema)) return [];
  return Object.entries(value).flatMap(([text, item]) => {
    const key = Array.isArray(value) ? Number(text) : text;
    const under = schemaUnder(schema, value, key);
    if (!under) return [];
    const here = [...path, key];
    const message = idle(metaOf(under), item);
    return message === undefined ? notInEffect(under, item, here) : message === "" ? [] : [{ path: here, message }];
  });
}

/** Undefined: in effect, and worth a look inside. Empty: nothing to say. */
function idle({ notInEffect, group, happens }: z.core.GlobalMeta, item: unknown): string | undefined {
  if (notInEffect === undefined) return undefined;
  if (group === MEANINGLESS) return `has no meaning here: ${notInEffect}`;
  if (isObject(item) ? item.enabled === false : item === happens) return "";
  return `is not in effect in this version: ${notInEffect}`;
}
