/** What differs between two configurations, for people: lines of YAML, with - before the old and + before the new. */
import { stringify } from "yaml";
import { Secret } from "../lib/secret.ts";
import { shown } from "./describe.ts";
import { isSame } from "./same.ts";
import { isObject, valueAt } from "./walk.ts";

/** Lines that are shown of all, shared out evenly: no long block takes the place of the one that matters. */
const MAX_LINES = 400;
/** Members of a block that are shown where each has a line at most. */
const MAX_MEMBERS = 100;
const MAX_LINE_CHARS = 400;
/** One that takes no more can be shown as it is. */
const FEWEST = 3;

/**
 * The differences, without secrets: of one that changed it is only told that it did. Empty where there are none. What is
 * too long is cut block by block, and says so there.
 */
export function diffOf(before: unknown, after: unknown): string {
  return ended(within({ before, after, indent: "" }, MAX_LINES).map(cutLine));
}

/** The same with nothing left out; it may be as long as both configurations together. */
export function fullDiffOf(before: unknown, after: unknown): string {
  return ended(within({ before, after, indent: "" }, Infinity));
}

/** What differs, by path: `gui.port`, `sources[hall].endpoint`. */
export function changedPaths(before: unknown, after: unknown, at = ""): string[] {
  return differing(before, after).flatMap(({ key, old, now }) => {
    const name = key.startsWith("- ")
      ? `[${key.slice("- name: ".length)}]`
      : `${at === "" ? "" : "."}${key.slice(0, -1)}`;
    const path = `${at}${name}`;
    return isBlock(old?.value) && isBlock(now?.value) ? changedPaths(old?.value, now?.value, path) : [path];
  });
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly indent: string;
}

interface Difference {
  /** As it is headed. */
  readonly key: string;
  readonly old: Member | undefined;
  readonly now: Member | undefined;
}

function differing(before: unknown, after: unknown): Difference[] {
  const [one, other] = [membersOf(before), membersOf(after)];
  const keys = new Set([...one.keys(), ...other.keys()]);
  return [...keys].map((key) => ({ key, old: one.get(key), now: other.get(key) }))
    .filter(({ old, now }) => !isSame(old?.value, now?.value));
}

/** Lines of the members that differ, each with an equal part of as many as there may be. */
function within({ before, after, indent }: Pair, most: number): string[] {
  const all = differing(before, after);
  const share = Math.floor(most / all.length);
  if (share >= FEWEST) return all.flatMap((each) => linesOf(each, indent, share));
  const short = all.slice(0, MAX_MEMBERS).map(({ key }) => `~${indent}${key} # differs`);
  const more = all.length - short.length;
  return more > 0 ? [...short, `# … ${more} more members differ here`] : short;
}

function linesOf({ key, old, now }: Difference, indent: string, most: number): string[] {
  if (isBlock(old?.value) && isBlock(now?.value)) {
    return [` ${indent}${key}`, ...within({ before: old?.value, after: now?.value, indent: `${indent}  ` }, most - 1)];
  }
  const lines = [
    ...(old ? marked("-", textOf(key, old), indent) : []),
    ...(now ? marked("+", textOf(key, now, old?.value instanceof Secret), indent) : []),
  ];
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `# … ${lines.length - most + 1} more lines of ${key}`];
}

function cutLine(line: string): string {
  const more = line.length - MAX_LINE_CHARS;
  return more > 0 ? `${line.slice(0, MAX_LINE_CHARS).toWellFormed()}… # ${more} more characters` : line;
}

function ended(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
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
