/** What the schema's issues mean to the person who wrote the value, in sentences that quote nothing of it. */
import { z } from "zod";
import { nearest } from "../lib/nearest.ts";
import { choose } from "./union_choice.ts";
import { metaOf, schemaAt, shapeFor, unwrap, valueAt } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

type Issue = z.core.$ZodIssue;

/** One thing that is wrong with a value, or worth knowing. */
export interface Fault {
  readonly path: Path;
  readonly message: string;
}

/** What the issues are about: the whole value, and the schema of it. */
export interface Subject {
  readonly schema: z.core.$ZodType;
  readonly value: unknown;
}

export function faultsOf(issues: readonly Issue[], subject: Subject, base: Path = []): Fault[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, path, subject) }));
    }
    if (issue.code === "invalid_union") return unionFaults(issue, path, subject);
    return [{ path, message: sentence(issue, path, subject) }];
  });
}

function sentence(issue: Issue, path: Path, { schema, value }: Subject): string {
  const input = valueAt(value, path);
  if (issue.code === "custom") return issue.message;
  if (input === undefined) return `is missing${suchAs(schemaAt(schema, value, path))}`;
  const within = rangeOf(schemaAt(schema, value, path));
  switch (issue.code) {
    case "invalid_type": {
      const inQuotes = issue.expected === "string" && typeof input !== "object" ? ": put it in quotes" : "";
      return `must be ${nameOf(issue.expected)}, not ${kindOf(input)}${inQuotes}`;
    }
    case "too_small":
      return `must ${
        lengthOf(issue.origin, `${issue.minimum} or more`) ?? `be ${within ?? `${issue.minimum} or more`}`
      }`;
    case "too_big":
      return `must ${
        lengthOf(issue.origin, `at most ${issue.maximum}`) ?? `be ${within ?? `${issue.maximum} or less`}`
      }`;
    case "invalid_value":
      return issue.message.startsWith("Invalid") ? `must be ${listed(issue.values)}` : issue.message;
    case "invalid_key":
      return "is a key that cannot stand here: letters, digits and _ only, 64 at most";
    case "invalid_format":
      return issue.message.startsWith("Invalid") ? `is no ${issue.format} as it must be` : issue.message;
    default:
      return issue.message;
  }
}

function unionFaults(issue: z.core.$ZodIssueInvalidUnion, path: Path, subject: Subject): Fault[] {
  if ("options" in issue && issue.options) {
    const input = valueAt(subject.value, path);
    const like = typeof input === "string" ? nearest(input, issue.options.map(String)) : undefined;
    const wrong = `must be ${listed(issue.options)}${like ? `; did you mean ${like}?` : ""}`;
    return [{ path, message: input === undefined ? `is missing: ${wrong}` : wrong }];
  }
  const values = issue.errors.flat().flatMap((each) => each.code === "invalid_value" ? [...each.values] : []);
  if (values.length > 0) return [{ path, message: `must be ${listed(values)}` }];
  if (!issue.message.startsWith("Invalid")) return [{ path, message: issue.message }];
  const choice = choose(issue.errors, valueAt(subject.value, path));
  return "issues" in choice ? faultsOf(choice.issues, subject, path) : [{ path, message: choice.message }];
}

function unknownKey(key: string, path: Path, { schema, value }: Subject): string {
  const here = schemaAt(schema, value, path);
  const known = Object.keys((here && shapeFor(here, valueAt(value, path))) ?? {});
  if (known.includes(key)) return "cannot stand beside the other keys here";
  const like = nearest(key, known);
  if (like) return `is not a known key; did you mean ${like}?`;
  const longer = known.filter((each) => each.split("_").includes(key)); // `type` of `data_type`
  if (longer.length > 0) return `is not a known key; did you mean ${listed(longer)}?`;
  const few = known.length > 0 && known.length <= 12 ? `: known are ${known.join(", ")}` : "";
  return `is not a known key${few}`;
}

function suchAs(schema: z.core.$ZodType | undefined): string {
  const { examples } = schema ? metaOf(schema) : {};
  const example: unknown = Array.isArray(examples) ? examples[0] : undefined;
  return typeof example === "string" || typeof example === "number" ? `: for example ${example}` : "";
}

/** `a, b or c` */
export function listed(values: readonly unknown[]): string {
  const words = [...new Set(values)].map(String);
  return words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** Of a list or a text; undefined for numbers. */
function lengthOf(origin: string, how: string): string | undefined {
  return origin === "array" ? `have ${how} entries` : origin === "string" ? `have ${how} characters` : undefined;
}

/** `1 to 65535`; undefined where a number has no two bounds. */
function rangeOf(schema: z.core.$ZodType | undefined): string | undefined {
  const bare = schema && unwrap(schema);
  if (!(bare instanceof z.ZodNumber)) return undefined;
  const { minValue: min, maxValue: max } = bare;
  const isOpen = min === null || max === null || Math.max(-min, max) >= Number.MAX_SAFE_INTEGER;
  return isOpen ? undefined : `${min} to ${max}`;
}

const NAMES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a block of keys",
  record: "a block of keys",
};

function nameOf(expected: string): string {
  return Object.hasOwn(NAMES, expected) ? `${NAMES[expected]}` : expected;
}

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a block of keys";
  if (typeof value === "string") return "text";
  if (typeof value === "number" && !Number.isFinite(value)) return ".inf or .nan";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a fraction";
  return "true or false";
}
