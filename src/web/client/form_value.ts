/** Values of a form: what is set in it. What is not set is absent, and the connector's default holds. */
import type { FormField, FormNode, Json, JsonObject, Variant } from "./form_model.ts";

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` with this member; without it where `member` is undefined. */
export function withMember(value: Json | undefined, key: string, member: Json | undefined): JsonObject {
  const { [key]: _old, ...rest } = isObject(value) ? value : {};
  return member === undefined ? rest : { ...rest, [key]: member };
}

/** The shape that a value has, or the first. */
export function variantFor(variants: readonly Variant[], value: Json | undefined): Variant | undefined {
  const members = isObject(value) ? value : {};
  return variants.find(({ mark }) =>
    mark.value === undefined ? mark.key in members : members[mark.key] === mark.value
  ) ??
    variants[0];
}

/** What a new object of that shape begins with. */
export function beginning({ mark, node }: Variant): JsonObject {
  const fixed = node.fields.flatMap((field) => field.node.kind === "fixed" ? [[field.key, field.node.value]] : []);
  return { ...Object.fromEntries(fixed), ...(mark.value === undefined ? { [mark.key]: "" } : {}) };
}

/** Without what the default says anyway, and without null: as a person would have written it. */
export function pruned(value: Json | undefined, node: FormNode): Json | undefined {
  if (value === null || value === undefined) return undefined;
  if (node.kind === "group") return prunedGroup(value, node.fields);
  if (node.kind === "variants") {
    const variant = variantFor(node.variants, value);
    return variant ? prunedGroup(value, variant.node.fields) : value;
  }
  if (node.kind === "list" && Array.isArray(value)) return value.map((each) => pruned(each, node.item) ?? each);
  return value;
}

function prunedGroup(value: Json, fields: readonly FormField[]): Json {
  if (!isObject(value)) return value;
  const kept = fields.flatMap(({ key, node, preset, isRequired }) => {
    const member = pruned(value[key], node);
    if (member === undefined) return [];
    if (!isRequired && (isEqual(member, preset) || isEmptyGroup(member, node))) return [];
    return [[key, member]];
  });
  return Object.fromEntries(kept);
}

function isEmptyGroup(value: Json, { kind }: FormNode): boolean {
  return (kind === "group" || kind === "labels") && isObject(value) && Object.keys(value).length === 0;
}

export function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => isEqual(each, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isEqual(a[key], b[key]));
}

/** The merge patch (RFC 7396) from one value to another: lists are replaced whole, null takes a member away. */
export function patchBetween(before: JsonObject, after: JsonObject): JsonObject {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(keys.flatMap((key): [string, Json][] => {
    const [old, now] = [before[key], after[key]];
    if (isEqual(old, now)) return [];
    if (now === undefined) return [[key, null]];
    return [[key, isObject(old) && isObject(now) ? patchBetween(old, now) : now]];
  }));
}

/** Where two values differ, by path; a list counts as one value. */
export function changedPaths(before: Json | undefined, after: Json | undefined, path = ""): readonly string[] {
  if (isEqual(before, after)) return [];
  if (!isObject(before ?? {}) || !isObject(after ?? {})) return [path];
  const [old, now] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return keys.flatMap((key) => changedPaths(old[key], now[key], path === "" ? key : `${path}.${key}`));
}
