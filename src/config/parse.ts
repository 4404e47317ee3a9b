import { z } from "zod";
import { type Fault, faultsOf } from "./issue_text.ts";
import { isObject, schemaUnder, unwrap, valueAt } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

type Schema = z.core.$ZodType;

/** A document against a schema: the parsed value, or what is wrong with it. */
export interface Parsed<T> {
  /** Undefined when there are faults. */
  readonly data: T | undefined;
  /** The document as it was parsed: without empty blocks, and with numbers and switches made of texts. */
  readonly value: unknown;
  readonly faults: readonly Fault[];
}

/**
 * Parses a document. An empty block counts as one that is not there, and a text in which a reference was replaced
 * (`expanded` has their paths) may stand for a number, a switch or null, where the schema wants one.
 */
export function parseDocument<T>(schema: z.ZodType<T>, document: unknown, expanded: readonly Path[]): Parsed<T> {
  const value = withoutEmptyBlocks(schema, document);
  const first = schema.safeParse(value);
  if (first.success) return { data: first.data, value, faults: [] };
  const refused = new Set([...pathsOf(first.error.issues)].map(keyOf));
  const typed = expanded.filter((path) => refused.has(keyOf(path))).reduce(withTyped, value);
  const second = typed === value ? first : schema.safeParse(typed);
  if (second.success) return { data: second.data, value: typed, faults: [] };
  return { data: undefined, value: typed, faults: faultsOf(second.error.issues, { schema, value: typed }) };
}

/** `processing:` with nothing behind it, or with nothing but comments, is null in YAML. */
function withoutEmptyBlocks(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item, i) => inside(schemaUnder(schema, value, i), item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const under = schemaUnder(schema, value, key);
      return item === null && under && isBlock(under) ? [] : [[key, inside(under, item)]];
    }),
  );
}

function inside(schema: Schema | undefined, value: unknown): unknown {
  return schema ? withoutEmptyBlocks(schema, value) : value;
}

function isBlock(schema: Schema): boolean {
  const bare = unwrap(schema);
  return bare instanceof z.ZodObject || bare instanceof z.ZodArray || bare instanceof z.ZodRecord;
}

/** Where issues are, those of the members of unions included. */
function* pathsOf(issues: readonly z.core.$ZodIssue[], base: Path = []): Iterable<Path> {
  for (const issue of issues) {
    const path = [...base, ...issue.path];
    yield path;
    if (issue.code === "invalid_union") { for (const member of issue.errors) yield* pathsOf(member, path); }
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path.map(String));
}

/** A copy in which the text at `path` is the number, switch or null that it spells; the value itself if it spells none. */
function withTyped(value: unknown, path: Path): unknown {
  const text = valueAt(value, path);
  const typed = typeof text === "string" ? spelled(text) : undefined;
  return typed === undefined ? value : replaced(value, path, typed);
}

function spelled(text: string): number | boolean | null | undefined {
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function replaced(value: unknown, [key, ...rest]: Path, leaf: unknown): unknown {
  if (key === undefined) return leaf;
  const under = replaced(valueAt(value, [key]), rest, leaf);
  return Array.isArray(value) ? value.with(Number(key), under) : Object.assign({}, value, { [key]: under });
}
