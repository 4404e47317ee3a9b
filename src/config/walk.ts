/** Finding one's way in a Zod schema: which keys there are, and what stands behind a path. */
import { z } from "zod";

type Schema = z.core.$ZodType;
/** The keys of a block, with their schemas. */
export type Shape = Readonly<Record<string, Schema>>;

/** What a wrapper (default, nullable, transformed, …) wraps; the schema itself where it is none. */
export function unwrap(schema: Schema): Schema {
  const inner = innerOf(schema);
  return inner ? unwrap(inner) : schema;
}

/** The metadata of a schema and all its wrappers; the outermost counts. */
export function metaOf(schema: Schema): z.core.GlobalMeta {
  const inner = innerOf(schema);
  return { ...(inner && metaOf(inner)), ...z.globalRegistry.get(schema) };
}

function innerOf(schema: Schema): Schema | undefined {
  const { def } = schema._zod as { def: { innerType?: Schema; in?: Schema } }; // wrappers have the one, pipes the other
  return def.innerType ?? def.in;
}

/** The schemas that a union chooses from; of a discriminated one only that which `value` chooses, where it does. */
export function membersFor(schema: Schema, value: unknown): readonly Schema[] {
  const bare = unwrap(schema);
  if (!(bare instanceof z.ZodUnion)) return [bare];
  const members = bare.options.map(unwrap);
  if (!(bare instanceof z.ZodDiscriminatedUnion) || !isObject(value)) return members;
  const chosen = value[bare.def.discriminator];
  const member = members.find((each) => literalsOf(each, bare.def.discriminator).includes(chosen));
  return member ? [member] : members;
}

/** The keys that `value` may have; undefined where the schema is none of an object with keys of its own. */
export function shapeFor(schema: Schema, value: unknown): Shape | undefined {
  const shapes = membersFor(schema, value).flatMap((each) => each instanceof z.ZodObject ? [each.shape] : []);
  return shapes.length > 0 ? Object.assign({}, ...shapes.toReversed()) : undefined;
}

/** The schema of what stands under `key` of `value`. */
export function schemaUnder(schema: Schema, value: unknown, key: PropertyKey): Schema | undefined {
  const shape = shapeFor(schema, value);
  if (shape) return Object.hasOwn(shape, key) ? shape[String(key)] : undefined;
  const bare = unwrap(schema);
  if (bare instanceof z.ZodArray) return bare.element;
  if (bare instanceof z.ZodRecord) return bare.valueType;
  return undefined;
}

/** The schema of what stands at `path` in `value`. */
export function schemaAt(schema: Schema, value: unknown, path: readonly PropertyKey[]): Schema | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const under = schemaUnder(schema, value, key);
  return under && schemaAt(under, valueAt(value, [key]), rest);
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<PropertyKey, unknown>)[key]; // an object or a list that has this key
  }
  return here;
}

/**
 * Whether a schema, or any within it, has this in its metadata: where none has, a long list need not be walked through.
 */
export function anyWithin(has: (meta: z.core.GlobalMeta) => boolean): (schema: Schema) => boolean {
  const known = new WeakMap<Schema, boolean>();
  const look = (schema: Schema): boolean => {
    const found = known.get(schema) ?? (has(metaOf(schema)) || insideOf(unwrap(schema)).some(look));
    known.set(schema, found);
    return found;
  };
  return look;
}

function insideOf(bare: Schema): readonly Schema[] {
  if (bare instanceof z.ZodObject) return Object.values(bare.shape);
  if (bare instanceof z.ZodUnion) return bare.options;
  if (bare instanceof z.ZodArray) return [bare.element];
  return bare instanceof z.ZodRecord ? [bare.valueType] : [];
}

/** The words that `discriminator` takes in the members of a union. */
export function literalsOf(schema: Schema, discriminator: string): readonly unknown[] {
  return membersFor(schema, undefined).flatMap((member) => {
    const key = member instanceof z.ZodObject ? member.shape[discriminator] : undefined;
    const bare = key && unwrap(key);
    return bare instanceof z.ZodLiteral ? [...bare.values] : [];
  });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
