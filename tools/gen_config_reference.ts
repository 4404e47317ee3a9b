/** Makes docs/configuration.md of the configuration's schema. */
import { ENV_PREFIXES } from "../src/config/expand.ts";
import { configSchema } from "../src/config/schema.ts";
import { type Block, blockOf, examplesOf, type Field, type Form, typeText } from "./gen_config_fields.ts";

/** Where a block is described. */
interface Place {
  /** `zerobus.auth`, `sources[]` */
  readonly path: string;
  /** Of its heading. */
  readonly level: number;
  readonly seen: Map<unknown, string>;
}

export function configReference(): string {
  const top = blockOf(configSchema);
  if (!top) throw new Error("the configuration is no block");
  const seen = new Map<unknown, string>();
  const chapters = top.common.filter(({ block }) => block).map((field) => chapter(field, seen));
  return [introduction(top), ...chapters].join("\n");
}

function introduction(top: Block): string {
  const place = { path: "", level: 1, seen: new Map() };
  return `<!-- Made by \`deno task gen\` from the schema in src/config. Do not edit. -->
# Configuration

The connector reads one file, \`config/connector.yaml\` under its home directory; \`--config FILE\` names another one.
The program never writes to it. [The sample](../config/connector.yaml) runs as it is, and
[configuration.schema.json](configuration.schema.json) is the JSON Schema of the file, for editors.
\`iot-connector check\` says what is wrong with a file, and prints the configuration as it takes effect, with secrets hidden.

What is changed through pages and API goes to \`config/connector_state.json\`, a merge patch (RFC 7396) over the file in which
sources go by name; without it the file alone holds. An edited file is loaded with SIGHUP or \`POST /api/config/reload\`,
beside sources that do not change; one that is wrong is refused, and the connector runs on as it was. Secrets in the state are
sealed with \`certs/secrets.key\`, or with a credential of systemd named \`secrets.key\`: keep it with your backups.

- The file is YAML 1.2. A key that is left out has its default; only keys that say "required" must be set.
- Files named by keys that end in \`_path\`, and \`path\` keys that name files, are relative to the home directory and stay inside it.
  Neither they nor the configuration may be symbolic links or stand behind one: Kubernetes makes links of a ConfigMap's
  files, unless each is mounted with \`subPath\`.
- A unit stands in the key's name or in the column "unit". Fractions are allowed unless the type is a whole number.
- "Not in effect in this version" marks a key that is accepted and has no effect; \`check\` warns when a file sets it to
  something else than what is the case anyway.
- What this version cannot do at all, such as a security policy that it does not know, is an error and never ignored.

## Environment and files

| written in a value | means |
|---|---|
| \`\${NAME}\` | the environment variable; it is an error when it is not set |
| \`\${NAME:-text}\` | the same, or \`text\` when it is not set |
| \`\${file:/run/secrets/name}\` | the content of the file, without the line break at its end; it must stand under \`/run/secrets/\` or \`/run/credentials/\` |
| \`$\${\` | the two characters \`\${\` |

Names must begin with ${ENV_PREFIXES.map((prefix) => `\`${prefix}\``).join(", ")}; \`HOSTNAME\` may be used too.
References may stand inside other text, as in \`mqtts://\${MQTT_HOST}:8883\`, but not in keys. Where a number or a switch is
wanted, the text from the environment is read as one: \`port: \${IOT_PORT}\`. Texts and secrets stay as they are, even when
they look like numbers. Inside \`{ }\` and \`[ ]\` a reference must stand in quotes: \`{ client_id: "\${DATABRICKS_CLIENT_ID}" }\`.

## Errors

All errors of a file are reported at once, one line each: the file, line and column, the key, and what to do.
The program then ends with exit code 78.

\`\`\`
config/connector.yaml:14:7 sources[0].opcua.nodes[1].node_id: must be a node id such as "ns=2;s=Temperature" or "nsu=urn:plant:line1;i=12"
config/connector.yaml:31:3 gui.prot: is not a known key; did you mean port?
\`\`\`

No message shows the value of a key: it may be a secret.

## Top of the file

${table(top.common, place)}`;
}

function chapter(field: Field, seen: Map<unknown, string>): string {
  const path = field.block?.isList ? `${field.key}[]` : field.key;
  return section(field, { path, level: 2, seen });
}

/** Heading, table, and what stands inside. */
function section({ block, meta }: Field, place: Place): string {
  if (!block) return "";
  place.seen.set(block.identity, place.path);
  const parts = [heading(place, `\`${place.path}\``)];
  const description = meta.description ?? "";
  if (description) parts.push(`${description}\n`);
  if (meta.notInEffect) parts.push(`Not in effect in this version: ${meta.notInEffect}.\n`);
  parts.push(table(block.common, place, block.forms), ...nested(block.common, place));
  parts.push(...block.forms.map((form) => formSection(form, block, place)));
  return parts.join("\n");
}

function formSection({ label, fields, description }: Form, block: Block, place: Place): string {
  if (fields.length === 0) return "";
  const inner = { ...place, level: place.level + 1 };
  const also = block.common.length > 0 ? `Beside the keys of every entry:\n\n` : "";
  const text = description ? `${description} ${also}` : also;
  return [heading(inner, `\`${place.path}\` with \`${label}\``), text + table(fields, inner), ...nested(fields, inner)]
    .join("\n");
}

function nested(fields: readonly Field[], place: Place): string[] {
  return fields.flatMap((field) => {
    const path = pathOf(field, place);
    if (!field.block || place.seen.get(field.block.identity) !== path) return [];
    return [section(field, { ...place, path, level: place.level + 1 })];
  });
}

function pathOf({ key, block }: Field, { path }: Place): string {
  return `${path === "" ? "" : `${path}.`}${key}${block?.isList ? "[]" : ""}`;
}

function heading({ level }: Place, text: string): string {
  return `${"#".repeat(Math.min(level, 6))} ${text}\n`;
}

/** A block that comes a second time deeper down is described where the first table with it stands. */
function table(fields: readonly Field[], place: Place, forms: readonly Form[] = []): string {
  if (fields.length === 0) return "";
  for (const field of fields) {
    if (field.block && !place.seen.has(field.block.identity)) {
      place.seen.set(field.block.identity, pathOf(field, place));
    }
  }
  const shared = sharedNote(fields);
  const rows = fields.map((field) => {
    const cells = [
      keyText(field, place),
      rangeText(field, forms),
      presetText(field),
      unitText(field),
      meaning(field, forms, shared),
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const note = shared === undefined ? "" : `Not in effect in this version: ${shared}.\n\n`;
  return `${note}| key | type and range | default | unit | meaning |\n|---|---|---|---|---|\n${rows.join("\n")}\n`;
}

/** Why none of several keys is in effect, where one reason holds for all. */
function sharedNote(fields: readonly Field[]): string | undefined {
  const reasons = new Set(fields.filter(({ meta }) => !isMeaningless(meta)).map(({ meta }) => meta.notInEffect));
  return fields.length > 1 && reasons.size === 1 ? [...reasons][0] : undefined;
}

function isMeaningless({ description }: Field["meta"]): boolean {
  return description?.startsWith("Has no meaning here") ?? false;
}

/** The key, with a way to where its block is described. */
function keyText(field: Field, place: Place): string {
  if (!field.block) return `\`${field.key}\``;
  const path = place.seen.get(field.block.identity) ?? pathOf(field, place);
  return `[\`${field.key}\`](#${path.toLowerCase().replace(/[^a-z0-9_ -]/g, "").replaceAll(" ", "-")})`;
}

function rangeText(field: Field, forms: readonly Form[]): string {
  const own = wordsOf(field, forms);
  if (own.length > 0) return own.map(({ word }) => `\`${word}\``).join(", ");
  return typeText(field.schema) + (field.meta.secret ? " (secret)" : "");
}

/** The forms, where this key is the one that tells them apart. */
function wordsOf({ schema }: Field, forms: readonly Form[]): readonly Form[] {
  const [first] = forms;
  return first?.word !== undefined && typeText(schema) === `\`${first.word}\`` ? forms : [];
}

function presetText({ preset, block }: Field): string {
  if (!preset) return "required";
  const { value } = preset;
  if (value === null) return "not set";
  if (value === "") return "empty";
  if (block && !block.isList) return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function unitText({ meta }: Field): string {
  return meta.unit ?? "";
}

function meaning(field: Field, forms: readonly Form[], shared: string | undefined): string {
  const own = wordsOf(field, forms);
  const { description = "", notInEffect } = field.meta;
  const examples = examplesOf(field.meta);
  const parts = [
    own.length > 0
      ? own.map((form) => `${form.word}: ${form.description}`).join(" ")
      : description.replaceAll("<", "\\<"),
  ];
  if (examples.length > 0) parts.push(`For example ${examples.map(exampleText).join(", ")}.`);
  if (notInEffect && notInEffect !== shared && !isMeaningless(field.meta)) {
    parts.push(`Not in effect in this version: ${notInEffect}.`);
  }
  return parts.filter((part) => part !== "").join(" ");
}

function exampleText(example: unknown): string {
  return `\`${typeof example === "string" ? example : JSON.stringify(example)}\``;
}
