import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { isObject, keysOf, literalsOf, memberFor, schemaUnder, unwrap } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

/** One thing that the schema has against a value. No text of the value stands in it: it may be a secret. */
export interface SchemaFault {
  readonly path: Path;
  readonly message: string;
}

/** What the schema's issues mean to the person who wrote the value. */
export function faultsOf(issues: readonly z.core.$ZodIssue[], schema: z.core.$ZodType, value: unknown): SchemaFault[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        message: unknownKey(key, issue.path, schema, value),
      }));
    }
    return [{ path: issue.path, message: sentence(issue, valueAt(value, issue.path)) }];
  });
}

function sentence(issue: z.core.$ZodIssue, input: unknown): string {
  if (input === undefined) return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${articled(issue.expected)}, not ${kindOf(input)}`;
    case "too_small":
      return issue.origin === "array" || issue.origin === "string"
        ? `must have at least ${issue.minimum} ${issue.origin === "array" ? "entries" : "characters"}`
        : `must be ${issue.minimum} or more`;
    case "too_big":
      return issue.origin === "array" || issue.origin === "string"
        ? `must have at most ${issue.maximum} ${issue.origin === "array" ? "entries" : "characters"}`
        : `must be ${issue.maximum} or less`;
    case "invalid_value":
      return issue.message.startsWith("Invalid") ? `must be ${listed(issue.values)}` : issue.message;
    case "invalid_union":
      return unionSentence(issue);
    default:
      return issue.message;
  }
}

function unionSentence(issue: z.core.$ZodIssueInvalidUnion): string {
  const values = issue.errors.flat().flatMap((each) => each.code === "invalid_value" ? each.values : []);
  if (values.length > 0) return `must be ${listed(values)}`;
  return issue.message.startsWith("Invalid") ? "is none of the forms that it may have" : issue.message;
}

function unknownKey(key: string, path: Path, schema: z.core.$ZodType, value: unknown): string {
  let here: z.core.$ZodType | undefined = schema;
  let inside: unknown = value;
  for (const step of path) {
    here = here && schemaUnder(here, inside, step);
    inside = valueAt(inside, [step]);
  }
  const known = Object.keys((here && keysOf(memberFor(unwrap(here), inside))) ?? {});
  const like = nearest(key, known);
  if (like) return `is not a known key; did you mean ${like}?`;
  const few = known.length > 0 && known.length <= 12 ? `: known are ${known.join(", ")}` : "";
  return `is not a known key${few}`;
}

/** The words that the discriminator of a union takes, for an entry that has none of them. */
export function discriminatorFault(schema: z.core.$ZodType, value: unknown): string | undefined {
  const bare = unwrap(schema) as { options?: readonly z.core.$ZodType[]; def?: { discriminator?: string } };
  const { discriminator } = bare.def ?? {};
  if (!discriminator || !bare.options || !isObject(value)) return undefined;
  const words = bare.options.flatMap((option) => literalsOf(keysOf(option)?.[discriminator]));
  if (words.includes(value[discriminator])) return undefined;
  const like = typeof value[discriminator] === "string" ? nearest(value[discriminator], words.map(String)) : undefined;
  return `must be ${listed(words)}${like ? `; did you mean ${like}?` : ""}`;
}

export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<PropertyKey, unknown>)[key]; // an object or a list
  }
  return here;
}

function listed(values: readonly unknown[]): string {
  const words = [...new Set(values)].map(String);
  return words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function articled(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a block of keys",
    record: "a block of keys",
  };
  return names[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a block of keys";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a number";
  return "true or false";
}
