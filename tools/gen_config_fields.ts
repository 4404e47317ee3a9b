/** The configuration's schema as people see it: keys, types, ranges and defaults in words. */
import { z } from "zod";
import { metaOf, unwrap } from "../src/config/walk.ts";

/** One key. */
export interface Field {
  readonly key: string;
  readonly schema: z.core.$ZodType;
  readonly meta: z.core.GlobalMeta;
  /** undefined: the key must be set. */
  readonly preset: { readonly value: unknown } | undefined;
  /** What stands under the key, where that is a block of keys, or a list of such blocks. */
  readonly block: Block | undefined;
}

/** A block of keys, in one or several forms. */
export interface Block {
  /** The schema itself, to know it when it comes a second time. */
  readonly identity: z.core.$ZodType;
  readonly isList: boolean;
  /** Keys of every form. */
  readonly common: readonly Field[];
  /** The forms that the block may have, each with the keys that only it has; none where there is one form. */
  readonly forms: readonly Form[];
}

export interface Form {
  /** `protocol: opcua`, or the key that makes this form. */
  readonly label: string;
  /** The value of the key that tells the forms apart; undefined where no key does. */
  readonly word: unknown;
  readonly description: string;
  readonly fields: readonly Field[];
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;

/** The block that a schema describes; undefined for a plain value. */
export function blockOf(schema: z.core.$ZodType): Block | undefined {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodArray) {
    const inside = blockOf(bare.element);
    return inside && { ...inside, isList: true };
  }
  if (bare instanceof z.ZodObject) {
    return { identity: bare, isList: false, common: fieldsOf(bare.shape), forms: [] };
  }
  if (!(bare instanceof z.ZodUnion)) return undefined;
  const shapes = bare.options.map(unwrap).flatMap((each) => each instanceof z.ZodObject ? [each.shape as Shape] : []);
  if (shapes.length < bare.options.length) return undefined;
  const discriminator = bare instanceof z.ZodDiscriminatedUnion ? bare.def.discriminator : undefined;
  return { identity: bare, isList: false, ...sorted(shapes, discriminator) };
}

function sorted(shapes: readonly Shape[], discriminator: string | undefined): Pick<Block, "common" | "forms"> {
  const [first = {}] = shapes;
  const isCommon = (key: string) => key === discriminator || shapes.every((shape) => shape[key] === first[key]);
  const common = fieldsOf(first).filter(({ key }) => isCommon(key));
  const forms = shapes.map((shape) => {
    const fields = fieldsOf(shape).filter(({ key }) => !isCommon(key));
    const choice = discriminator === undefined ? undefined : shape[discriminator];
    const [word] = choice ? literalsOf(choice) : [];
    const label = choice ? `${discriminator}: ${word}` : fields.find(({ preset }) => !preset)?.key ?? "";
    return { label, word, description: (choice && metaOf(choice).description) ?? "", fields };
  });
  return { common, forms };
}

function fieldsOf(shape: Shape): Field[] {
  return Object.entries(shape).map(([key, schema]) => ({
    key,
    schema,
    meta: metaOf(schema),
    preset: presetOf(schema),
    block: blockOf(schema),
  }));
}

/** What counts where the key is not set. */
function presetOf(schema: z.core.$ZodType): Field["preset"] {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return { value: schema.def.defaultValue };
  if (schema instanceof z.ZodOptional) return { value: null };
  if (schema instanceof z.ZodNullable) return presetOf(schema.unwrap() as z.core.$ZodType); // typed as any schema
  return undefined;
}

/** `whole number, 1 to 300` */
export function typeText(schema: z.core.$ZodType): string {
  const bare = unwrap(schema);
  const literals = literalsOf(bare);
  if (literals.length > 0) return words(literals);
  if (bare instanceof z.ZodBoolean) return "`true` or `false`";
  if (bare instanceof z.ZodNumber) return numberText(bare);
  if (bare instanceof z.ZodString) return textText(bare);
  if (bare instanceof z.ZodRecord) return "block of names, each with a text";
  if (bare instanceof z.ZodArray) return listText(bare);
  if (bare instanceof z.ZodUnion) return unionText(bare);
  if (bare instanceof z.ZodObject) return "block";
  return formatText(bare) ?? "anything";
}

function words(values: readonly unknown[]): string {
  const all = values.map((value) => `\`${value}\``);
  return all.length === 1 ? `${all[0]}` : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}

function numberText(schema: z.ZodNumber): string {
  const kind = schema.format?.includes("int") ? "whole number" : "number";
  const { minValue: min, maxValue: max } = schema;
  const from = min !== null && Number.isFinite(min) && min > Number.MIN_SAFE_INTEGER ? min : undefined;
  const to = max !== null && Number.isFinite(max) && max < Number.MAX_SAFE_INTEGER ? max : undefined;
  if (from !== undefined && to !== undefined) return `${kind}, ${from} to ${to}`;
  if (from !== undefined) return `${kind}, ${from} or more`;
  return to !== undefined ? `${kind}, ${to} or less` : kind;
}

function textText(schema: z.ZodString): string {
  const max = schema.maxLength;
  return max === null ? "text" : `text, up to ${max} characters`;
}

function listText(schema: z.ZodArray): string {
  const { element } = schema;
  const what = blockOf(element as z.core.$ZodType) ? "blocks" : `(${typeText(element as z.core.$ZodType)})`; // typed as any schema
  const bounds = (schema.def.checks ?? []).map(({ _zod }) => _zod.def as { minimum?: number; maximum?: number }); // those of lists
  const [min] = bounds.flatMap(({ minimum }) => minimum ?? []);
  const [max] = bounds.flatMap(({ maximum }) => maximum ?? []);
  const range = max === undefined ? "" : `, ${min ?? 0} to ${max} of them`;
  return `list of ${what}${range}`;
}

function unionText(schema: z.ZodUnion): string {
  const options = schema.options as readonly z.core.$ZodType[]; // typed as any schema
  if (blockOf(schema)) return "block";
  const literals = options.flatMap((each) => literalsOf(each));
  if (literals.length === options.length) return words(literals);
  return [...new Set(options.map(typeText))].join(" or ");
}

/** Texts of a known form. */
function formatText(schema: z.core.$ZodType): string | undefined {
  if (schema instanceof z.ZodIPv4 || schema instanceof z.ZodIPv6) return "IP address";
  if (schema instanceof z.ZodURL) return "address (URL)";
  if (schema instanceof z.ZodEmail) return "e-mail address";
  return schema instanceof z.ZodStringFormat ? "text" : undefined;
}

/** The values that a literal or enum takes; none for other schemas. */
function literalsOf(schema: z.core.$ZodType): readonly unknown[] {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodLiteral) return [...bare.values];
  return bare instanceof z.ZodEnum ? bare.options : [];
}

/** Whether a key that is set has an effect in this version. */
export function isInEffect({ notInEffect, description }: z.core.GlobalMeta): boolean {
  return notInEffect === undefined && !description?.startsWith("Has no meaning here");
}

/** Texts and values that may stand under a key, the best first. */
export function examplesOf(meta: z.core.GlobalMeta): readonly unknown[] {
  return Array.isArray(meta.examples) ? meta.examples : [];
}
