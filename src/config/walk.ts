/** Finding one's way in a Zod schema: which keys there are, and what stands behind a path. */
import { z } from "zod";

/** What a wrapper (default, nullable, …) wraps; the schema itself where it is none. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod as { def: { innerType?: z.core.$ZodType; in?: z.core.$ZodType } };
  const inner = def.innerType ?? def.in;
  return inner ? unwrap(inner) : schema;
}

/** The first metadata from the outside in. */
export function metaOf(schema: z.core.$ZodType): z.core.GlobalMeta {
  const { def } = schema._zod as { def: { innerType?: z.core.$ZodType; in?: z.core.$ZodType } };
  const own = z.globalRegistry.get(schema) ?? {};
  const inner = def.innerType ?? def.in;
  return inner ? { ...metaOf(inner), ...own } : own;
}

/** The keys of an object's schema; undefined where the schema is none of an object. */
export function keysOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined {
  const bare = unwrap(schema);
  return bare instanceof z.ZodObject ? bare.shape : undefined;
}

/** The schema of what stands under `key` of `value`. */
export function schemaUnder(schema: z.core.$ZodType, value: unknown, key: PropertyKey): z.core.$ZodType | undefined {
  const bare = memberFor(unwrap(schema), value);
  if (bare instanceof z.ZodObject) return bare.shape[String(key)];
  if (bare instanceof z.ZodArray) return bare.element;
  if (bare instanceof z.ZodRecord) return bare.valueType;
  return undefined;
}

/** The member of a union that the value's discriminator chooses; the schema itself where it is no such union. */
export function memberFor(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const { discriminator } = schema.def;
  const chosen = isObject(value) ? value[discriminator] : undefined;
  const member = schema.options.find((option) => literalsOf(keysOf(option)?.[discriminator]).includes(chosen));
  return member ? unwrap(member) : schema;
}

/** The values that a literal or enum takes. */
export function literalsOf(schema: z.core.$ZodType | undefined): readonly unknown[] {
  if (!schema) return [];
  const bare = unwrap(schema);
  if (bare instanceof z.ZodLiteral) return [...bare.values];
  if (bare instanceof z.ZodEnum) return bare.options;
  return [];
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
