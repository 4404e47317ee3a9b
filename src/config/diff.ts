/** What differs between two configurations, for people: lines of YAML, with - before the old and + before the new. */
import { stringify } from "yaml";
import { Secret } from "../lib/secret.ts";
import { shown } from "./describe.ts";
import { isSame } from "./same.ts";
import { isObject, valueAt } from "./walk.ts";

/** Longer ones are cut: nobody reads them, and history keeps them. */
const MAX_LINES = 400;

/** The differences, without secrets: of one that changed it is only told that it did. Empty where there are none. */
export function diffOf(before: unknown, after: unknown): string {
  const lines = within(before, after, "");
  const more = lines.length - MAX_LINES;
  const told = more > 0 ? [...lines.slice(0, MAX_LINES), `# … ${more} more lines`] : lines;
  return told.map((line) => `${line}\n`).join("");
}

/** Lines of the members that differ. */
function within(before: unknown, after: unknown, indent: string): string[] {
  const [one, other] = [membersOf(before), membersOf(after)];
  const keys = new Set([...one.keys(), ...other.keys()]);
  return [...keys].flatMap((key) => {
    const [old, now] = [one.get(key), other.get(key)];
    if (isSame(old?.value, now?.value)) return [];
    const hasBoth = isBlock(old?.value) && isBlock(now?.value);
    if (hasBoth) return [` ${indent}${key}`, ...within(old?.value, now?.value, `${indent}  `)];
    return [
      ...(old ? marked("-", textOf(key, old), indent) : []),
      ...(now ? marked("+", textOf(key, now, old?.value instanceof Secret), indent) : []),
    ];
  });
}

interface Member {
  readonly value: unknown;
  readonly isItem: boolean;
}

/** Members by how they are headed: `key:`, and sources by their names. */
function membersOf(value: unknown): Map<string, Member> {
  if (isNamed(value)) {
    return new Map(
      value.map((item) => [`- name: ${valueAt(item, ["name"])}`, { value: withoutName(item), isItem: true }]),
    );
  }
  if (!isObject(value)) return new Map();
  return new Map(Object.entries(value).map(([key, item]) => [`${key}:`, { value: item, isItem: false }]));
}

function isBlock(value: unknown): boolean {
  return isNamed(value) || (isObject(value) && !(value instanceof Secret) && Object.keys(value).length > 0);
}

/** A list whose items are told apart by their names. */
function isNamed(value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const names = value.map((item) => valueAt(item, ["name"]));
  return names.every((name) => typeof name === "string") && new Set(names).size === names.length;
}

function withoutName(item: unknown): unknown {
  const { name: _name, ...rest } = isObject(item) ? item : {};
  return rest;
}

function textOf(head: string, { value, isItem }: Member, isOtherSecret = false): string {
  if (value instanceof Secret) return `${head} ${isOtherSecret ? '"***" # another one' : '"***"'}`;
  const plain = shown(value);
  if (!isItem) return stringify({ [head.slice(0, -1)]: plain }, { lineWidth: 0 });
  const body = stringify(plain, { lineWidth: 0 }).split("\n").map((line) => `  ${line}`);
  return [head, ...body].join("\n");
}

function marked(sign: "-" | "+", text: string, indent: string): string[] {
  return text.trimEnd().split("\n").map((line) => `${sign}${indent}${line}`);
}
