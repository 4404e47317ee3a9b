/** How what a peer has is written: as YAML that can be put into the configuration as it stands, or as JSON. */
import type { BrowseEntry, BrowseNode, BrowseSample, BrowseSetting } from "../core/browse.ts";
import { iso } from "./iso.ts";
import { printable, printableJson } from "./printable.ts";

/** Where a list stands in `sources[].<protocol>` of the sample file, and its members. */
const LIST_INDENT = " ".repeat(6);
const ENTRY_INDENT = " ".repeat(8);
const MAX_TEXT = 200;

/** A line of JSON. */
export function asJson(node: BrowseNode): string {
  const { sample, ...rest } = node;
  return `${printableJson(sample ? { ...rest, sample: withTime(sample) } : rest)}\n`;
}

function withTime({ timeUs, ...sample }: BrowseSample): unknown {
  return timeUs === undefined ? sample : { ...sample, time: iso(timeUs) };
}

/** Writes node after node: entries of a list under its key, everything else as comments. */
export function asYaml(): (node: BrowseNode) => string {
  let list: string | undefined;
  return (node) => {
    const { configure, alternatives = [] } = node;
    if (!configure) return `${ENTRY_INDENT}# ${aside(node)}\n`;
    const head = configure.list === list ? "" : `${LIST_INDENT}${configure.list}:\n`;
    list = configure.list;
    const others = alternatives.map((each) => `${ENTRY_INDENT}# - ${entryText(each.configure)}${remark(each)}\n`);
    return `${head}${ENTRY_INDENT}- ${entryText(configure)}${remark(node)}\n${others.join("")}`;
  };
}

/** What cannot be read itself: a folder, and how to look into it. */
function aside(node: BrowseNode): string {
  const look = node.hasChildren === false ? "" : `: --under ${shellWord(node.id)}`;
  return cut(`${node.kind} ${node.name}${look}`);
}

/** Type, value, status, time and facts, behind an entry. */
function remark({ dataType, sample, facts = {} }: Pick<BrowseNode, "dataType" | "sample" | "facts">): string {
  const told = Object.entries(facts).map(([name, value]) => `${name}=${value}`);
  const words = [dataType, sample?.value, sample?.status, iso(sample?.timeUs), ...told];
  const text = cut(words.filter((word) => word !== undefined && word !== "").join(" "));
  return text === "" ? "" : ` # ${text}`;
}

function cut(text: string): string {
  return printable(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
}

/** Single quotes, in which a shell takes everything as it is; a quote itself ends them for a moment. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function entryText({ entry }: BrowseEntry): string {
  return settingText(entry);
}

/** A flow mapping or a scalar of YAML 1.2. Texts are in double quotes, with JSON's escapes; `${` is no reference. */
function settingText(setting: BrowseSetting): string {
  if (typeof setting === "string") return printableJson(setting.replaceAll("${", () => "$${"));
  if (typeof setting !== "object") return String(setting);
  const pairs = Object.entries(setting).map(([key, value]) => `${key}: ${settingText(value)}`);
  return `{ ${pairs.join(", ")} }`;
}
