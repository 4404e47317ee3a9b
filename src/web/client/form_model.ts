/** From the JSON Schema of the configuration to what a form shows: no rule of a value is written a second time here. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** As much of a JSON Schema (2020-12) as the configuration's makes use of. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly examples?: readonly Json[];
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly writeOnly?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** What a value is, for a form. */
export type FormNode =
  | { readonly kind: "text"; readonly schema: Schema; readonly isSecret: boolean }
  | { readonly kind: "number"; readonly schema: Schema; readonly isWhole: boolean }
  | { readonly kind: "flag" }
  | { readonly kind: "choice"; readonly options: readonly Json[] }
  | { readonly kind: "fixed"; readonly value: Json }
  | { readonly kind: "labels" }
  | { readonly kind: "list"; readonly item: FormNode; readonly max: number }
  | { readonly kind: "group"; readonly fields: readonly FormField[] }
  | { readonly kind: "variants"; readonly variants: readonly Variant[] };

export interface FormField {
  readonly key: string;
  readonly label: string;
  readonly help: string;
  readonly unit: string | undefined;
  readonly isRequired: boolean;
  /** What holds while nothing is set; undefined: nothing does. */
  readonly preset: Json | undefined;
  readonly example: Json | undefined;
  readonly node: FormNode;
}

/** One of several shapes of an object. */
export interface Variant {
  readonly title: string;
  readonly help: string;
  /** A member that only this one has, or has with this value. */
  readonly mark: { readonly key: string; readonly value: Json | undefined };
  readonly node: FormNode & { readonly kind: "group" };
}

/** Undefined for what no form can show: a key that means nothing, or an empty object. */
export function nodeOf(schema: Schema): FormNode | undefined {
  const options = optionsOf(schema);
  if (options.length > 1) return severalOf(options, schema);
  const [only] = options;
  return only && plainNode(only, schema.writeOnly ?? false);
}

/** The shapes that a value may have, without null (a field that is not set) and without `${…}` (any text field). */
function optionsOf(schema: Schema): readonly Schema[] {
  const parts = schema.anyOf ?? schema.oneOf;
  if (!parts) return schema.$ref !== undefined || schema.type === "null" ? [] : [schema];
  return parts.flatMap(optionsOf);
}

function severalOf(options: readonly Schema[], { writeOnly }: Schema): FormNode | undefined {
  const variants = options.flatMap(variantOf);
  if (variants.length === options.length) return { kind: "variants", variants };
  // Texts of several patterns: the connector says which of them does not fit.
  return options.every(({ type }) => type === "string")
    ? { kind: "text", schema: {}, isSecret: writeOnly ?? false }
    : undefined;
}

function variantOf(schema: Schema): readonly Variant[] {
  const node = plainNode(schema, false);
  if (node?.kind !== "group") return [];
  const fixed = node.fields.find((field) => field.node.kind === "fixed");
  if (fixed?.node.kind === "fixed") {
    const { value } = fixed.node;
    return [{ title: String(value), help: fixed.help, mark: { key: fixed.key, value }, node }];
  }
  const key = schema.required?.[0] ?? node.fields[0]?.key ?? "";
  return [{ title: labelOf(key), help: schema.description ?? "", mark: { key, value: undefined }, node }];
}

function plainNode(schema: Schema, isSecret: boolean): FormNode | undefined {
  const { type, enum: options } = schema;
  if (schema.const !== undefined) return { kind: "fixed", value: schema.const };
  if (options) return { kind: "choice", options };
  const [first] = typeof type === "string" ? [type] : (type ?? []).filter((each) => each !== "null");
  if (first === "boolean") return { kind: "flag" };
  if (first === "integer" || first === "number") return { kind: "number", schema, isWhole: first === "integer" };
  if (first === "string") return { kind: "text", schema, isSecret: isSecret || (schema.writeOnly ?? false) };
  if (first === "array" && schema.items) return listNode(schema.items, schema.maxItems);
  return first === "object" ? objectNode(schema) : undefined;
}

function listNode(items: Schema, maxItems = Infinity): FormNode | undefined {
  const item = nodeOf(items);
  return item && { kind: "list", item, max: maxItems };
}

function objectNode({ properties, propertyNames, required = [] }: Schema): FormNode | undefined {
  if (!properties) return propertyNames ? { kind: "labels" } : undefined;
  const fields = Object.entries(properties).flatMap(([key, schema]) => fieldOf(key, schema, required.includes(key)));
  return fields.length > 0 ? { kind: "group", fields } : undefined;
}

export function fieldOf(key: string, schema: Schema, isRequired: boolean): readonly FormField[] {
  const node = nodeOf(schema);
  if (!node) return [];
  const [, help = "", unit] = /^(.*?)(?: Unit: (\S+)\.)?$/s.exec(schema.description ?? "") ?? [];
  const { title, default: preset, examples } = schema;
  return [{ key, label: title ?? labelOf(key), help, unit, isRequired, preset, example: examples?.[0], node }];
}

/** Words that are not written as the others are. */
const NAMES: Readonly<Record<string, string>> = { opcua: "OPC UA", mqtt: "MQTT", gui: "Pages and API", tls: "TLS" };

/** `sampling_interval_ms` is `Sampling interval`: the unit stands beside it. */
function labelOf(key: string): string {
  const name = NAMES[key];
  if (name !== undefined) return name;
  const words = key.replace(/_(ms|seconds|mb|hours|days)$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
