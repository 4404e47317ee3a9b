/** Makes config/connector.yaml: a file that runs as it is, from which a first user goes on. */
import { stringify } from "yaml";
import { configSchema } from "../src/config/schema.ts";
import { entrySchema } from "../src/config/source_entry.ts";
import type { SourceSpec } from "../src/core/source.ts";
import { SOURCES } from "../src/sources/mod.ts";
import { blockOf, examplesOf, type Field, isInEffect } from "./gen_config_fields.ts";

const WIDTH = 120;

const HEAD = `# yaml-language-server: $schema=../docs/configuration.schema.json
#
# Configuration of the Databricks IoT Connector. It runs as it is: rows go into a local file, and nothing is read yet.
# Set enabled: true for the sources that you have, give them their address, and look at the result with
#   iot-connector check
#   iot-connector test-source opcua_example
# A key that is left out has the default that is shown here. Every key: docs/configuration.md.
# \${NAME} and \${NAME:-default} are replaced from the environment, \${file:/run/secrets/name} from a file.
`;

/** What this place shows in another way than its schema alone would say. */
const SHOWN: Readonly<Record<string, unknown>> = {
  "local_sink.enabled": true,
  "sources[].enabled": false,
};
/** Follows from other keys as a rule: an example would only invite to change it. */
const LEFT_OUT: readonly string[] = ["zerobus.auth.token_endpoint"];

/** How much of a block is shown. */
type Choice =
  /** Keys with a default, and as comments those with an example only. */
  | "defaults"
  /** The same, but every example is in force. */
  | "examples"
  /** What must be set, what comes from the environment, and defaults that an example repeats. */
  | "first_steps";

interface Place {
  readonly path: string;
  readonly indent: number;
  readonly choice: Choice;
}

export function configSample(): string {
  const fields = blockOf(configSchema)?.common ?? [];
  return [HEAD, ...fields.filter(({ meta }) => isInEffect(meta)).map(chapter)].join("\n");
}

function chapter(field: Field): string {
  const { key, meta, block } = field;
  if (!block) return text(keyLines(field, { path: "", indent: 0, choice: "defaults" }));
  const title = comment(meta.description ?? "", 0);
  if (key === "sources") return text([...title, "sources:", ...SOURCES.flatMap(sourceLines)]);
  const isZerobus = key === "zerobus";
  const inside = block.common.flatMap((each) =>
    keyLines(each, { path: key, indent: 2, choice: isZerobus ? "examples" : "defaults" })
  );
  if (inside.length === 0) return "";
  if (!isZerobus) return text([...title, `${key}:`, ...inside]);
  const how = comment("To send rows there, remove the # before each of these lines and put in your own values.", 0);
  return text([...title, ...how, ...[`${key}:`, ...inside].map((line) => `# ${line}`)]);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** One entry of `sources`, as a first try with this protocol. */
function sourceLines(spec: SourceSpec): string[] {
  const fields = blockOf(entrySchema(spec))?.common ?? [];
  const place: Place = { path: "sources[]", indent: 4, choice: "first_steps" };
  const lines = fields.flatMap((field) => {
    if (field.key === "name") return [`    name: ${spec.type}_example`];
    if (field.key === "protocol") return [withComment(`    protocol: ${spec.type}`, spec.summary)].flat();
    return keyLines(field, place);
  });
  const [first = "", ...others] = lines;
  return [first.replace(/^ {4}/, "  - "), ...others];
}

function keyLines(field: Field, place: Place): string[] {
  const path = `${place.path === "" ? "" : `${place.path}.`}${field.key}`;
  if (!isInEffect(field.meta) || LEFT_OUT.includes(path)) return [];
  const margin = " ".repeat(place.indent);
  if (field.block && !field.block.isList) {
    const inner = { ...place, path, indent: place.indent + 2 };
    const lines = field.block.common.flatMap((each) => keyLines(each, inner));
    return lines.some((line) => !line.trimStart().startsWith("#")) ? [`${margin}${field.key}:`, ...lines] : [];
  }
  const shown = shownValue(field, path, place.choice);
  if (!shown) return [];
  const { value, isComment } = shown;
  const lead = isComment ? `${margin}# ` : margin;
  if (Array.isArray(value) && value.some((item) => typeof item === "object")) {
    const items = value.map((item) => `${lead}  - ${flow(item)}`);
    return [...comment(field.meta.description ?? "", place.indent), `${lead}${field.key}:`, ...items];
  }
  return withComment(`${lead}${field.key}: ${flow(value)}`, field.meta.description ?? "");
}

function shownValue(
  { meta, preset }: Field,
  path: string,
  choice: Choice,
): { readonly value: unknown; readonly isComment: boolean } | undefined {
  if (path in SHOWN) return { value: SHOWN[path], isComment: false };
  const [example] = examplesOf(meta);
  if (!preset) {
    if (example === undefined) throw new Error(`${path} must be set, and its schema has no example`);
    return { value: example, isComment: false };
  }
  if (choice === "examples" && example !== undefined) return { value: example, isComment: false };
  if (choice === "first_steps") {
    if (example === undefined) return undefined;
    return { value: example, isComment: !isWhatIsRead(path) && !isReference(example) && example !== preset.value };
  }
  if (preset.value !== null && preset.value !== "") return { value: preset.value, isComment: false };
  return example === undefined ? undefined : { value: example, isComment: true };
}

/** The list of what a source reads: it may be empty, and a first try should not be. */
function isWhatIsRead(path: string): boolean {
  return SOURCES.some(({ type, list }) => path === `sources[].${type}.${list}`);
}

function isReference(example: unknown): boolean {
  return typeof example === "string" && example.startsWith("${");
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
}

/** The comment behind the line where there is room, else above it. */
function withComment(line: string, description: string): string[] {
  const together = `${line.padEnd(40)} # ${description}`;
  if (together.length <= WIDTH) return [together];
  return [...comment(description, line.length - line.trimStart().length), line];
}

function comment(description: string, indent: number): string[] {
  const lead = `${" ".repeat(indent)}# `;
  const lines: string[] = [];
  let line = lead;
  for (const word of description.split(" ")) {
    if (line !== lead && line.length + word.length > WIDTH) {
      lines.push(line.trimEnd());
      line = lead;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
