import type { z } from "zod";
import { isObject, keysOf, memberFor, metaOf, schemaUnder, unwrap } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

/** A key that the file sets and that this version does not honour. */
export interface Idle {
  readonly path: Path;
  readonly message: string;
}

/** Every key of `value` whose part of the product is not there yet. */
export function notInEffect(schema: z.core.$ZodType, value: unknown, path: Path = []): Idle[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => under(schema, value, { item, key: i, path }));
  if (!isObject(value)) return [];
  const shape = keysOf(memberFor(unwrap(schema), value));
  return Object.entries(value).flatMap(([key, item]) => {
    const why = shape?.[key] && metaOf(shape[key]).notInEffect;
    if (why) return [{ path: [...path, key], message: `is not in effect in this version: ${why}` }];
    return under(schema, value, { item, key, path });
  });
}

function under(
  schema: z.core.$ZodType,
  value: unknown,
  { item, key, path }: { readonly item: unknown; readonly key: PropertyKey; readonly path: Path },
): Idle[] {
  const inner = schemaUnder(schema, value, key);
  return inner ? notInEffect(inner, item, [...path, key]) : [];
}
