/** What is wrong with the values of a form, by their path: `opcua.nodes[1].node_id`. */
import type { FormField, FormNode, Json, Schema } from "./form_model.ts";
import { isObject, variantFor } from "./form_value.ts";
import type { ValueFault } from "./api.ts";

export type Faults = ReadonlyMap<string, string>;

/** What the schema alone can tell, before the connector is asked. */
export function faultsOf(node: FormNode, value: Json | undefined, path = ""): Faults {
  return new Map(faultList(node, value, path));
}

type Fault = readonly [path: string, message: string];

function faultList(node: FormNode, value: Json | undefined, path: string): readonly Fault[] {
  switch (node.kind) {
    case "group":
      return node.fields.flatMap((field) => fieldFaults(field, value, path));
    case "variants": {
      const variant = variantFor(node.variants, value);
      return variant ? faultList(variant.node, value, path) : [];
    }
    case "list":
      return Array.isArray(value)
        ? value.flatMap((each, index) => faultList(node.item, each, `${path}[${index}]`))
        : [];
    case "text":
      return typeof value === "string" ? textFault(node.schema, value, path) : [];
    case "number":
      return value === undefined ? [] : numberFault(node, value, path);
    default:
      return [];
  }
}

function fieldFaults({ key, node, isRequired }: FormField, value: Json | undefined, path: string): readonly Fault[] {
  const member = isObject(value) ? value[key] : undefined;
  const at = pathTo(path, key);
  if (node.kind === "fixed") return [];
  const isMissing = member === undefined || member === "";
  // A group that is not there lacks what it must have, and a group that need not be there does not.
  if (isMissing && isRequired) {
    return node.kind === "group" ? faultList(node, {}, at) : [[at, "This must be filled in"]];
  }
  return isMissing ? [] : faultList(node, member, at);
}

export function pathTo(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isReference(value: Json): boolean {
  return typeof value === "string" && value.includes("${");
}

function textFault(
  { pattern, minLength = 0, maxLength = Infinity, examples }: Schema,
  value: string,
  path: string,
): Fault[] {
  if (isReference(value)) return [];
  if (value.length < minLength) return [[path, `This needs ${minLength} characters or more`]];
  if (value.length > maxLength) return [[path, `This may have ${maxLength} characters at most`]];
  if (pattern === undefined || new RegExp(pattern, "u").test(value)) return [];
  const example = examples?.[0] === undefined
    ? "This has not the right form"
    : `This has not the form of ${examples[0]}`;
  return [[path, charactersOf(pattern) ?? example]];
}

const WORDS: Readonly<Record<string, string>> = { "A-Z": "letters A to Z", "a-z": "a to z", "0-9": "digits" };

/** What a pattern that is nothing but characters and a length lets through; undefined for any other. */
function charactersOf(pattern: string): string | undefined {
  const [, characters, most] = /^\^\[([^\]^]+)\]\{1,(\d+)\}\$$/.exec(pattern) ?? [];
  if (characters === undefined) return undefined;
  const parts = characters.replaceAll("\\", "").match(/[A-Za-z0-9]-[A-Za-z0-9]|./g) ?? [];
  return `Only ${parts.map((part) => WORDS[part] ?? part).join(", ")} may stand here, ${most} at most`;
}

function numberFault(
  { schema: { minimum = -Infinity, maximum = Infinity }, isWhole }: FormNode & { kind: "number" },
  value: Json,
  path: string,
): Fault[] {
  if (isReference(value)) return [];
  if (typeof value !== "number") return [[path, "This must be a number"]];
  if (isWhole && !Number.isInteger(value)) return [[path, "This must be a whole number"]];
  if (value >= minimum && value <= maximum) return [];
  if (maximum === Infinity) return [[path, `This must be ${minimum} or more`]];
  return [[path, `This must be from ${minimum} to ${maximum}`]];
}

/** What the connector said of values under `prefix`, by their path in the form; the rest has no field here. */
export function told(
  errors: readonly ValueFault[],
  prefix: RegExp,
): { readonly faults: Faults; readonly rest: readonly ValueFault[] } {
  const faults = new Map<string, string>();
  const rest: ValueFault[] = [];
  for (const error of errors) {
    const start = prefix.exec(error.path)?.[0];
    if (start === undefined || error.path === start) rest.push(error);
    else faults.set(error.path.slice(start.length).replace(/^\./, ""), error.message);
  }
  return { faults, rest };
}
