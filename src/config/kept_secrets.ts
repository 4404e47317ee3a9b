/** Secrets that would go somewhere else with a change: whoever makes it has to know them. */
import { ConfigFileError, type Finding, pathText } from "./finding.ts";
import type { LoadedConfig } from "./load.ts";
import { mergeConfig, sourcesOf, type StatePatch } from "./merge.ts";
import { isSame } from "./same.ts";
import { configSchema } from "./schema.ts";
import { UNCHANGED } from "./sealed_state.ts";
import { STATE_FILE } from "./state_file.ts";
import { mapTexts } from "./state_texts.ts";
import { isObject, valueAt } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

/** Keys of a source that decide where its secrets go. */
const OF_SOURCE = ["protocol", "endpoint", "endpoints"] as const;
/** Keys of a protocol's block that decide who may read them on the way. */
const OF_PROTOCOL = [
  "tls",
  "security_policy",
  "security_mode",
  "server_certificate_path",
  "allow_plain_password",
] as const;
/** The same for the way to Databricks. */
const OF_ZEROBUS: readonly Path[] = [
  ["zerobus", "workspace_host"],
  ["zerobus", "zerobus_endpoint"],
  ["zerobus", "auth", "token_endpoint"],
  ["security", "ca_bundle_path"],
];

export interface KeptSecretsOptions {
  readonly before: LoadedConfig;
  readonly after: LoadedConfig;
  /** What the YAML says alone; undefined where that cannot be used. */
  yamlAlone(): Promise<LoadedConfig | undefined>;
}

/** A secret that a change does not name, and what decides where it goes. */
interface Kept {
  /** In the change. */
  readonly path: Path;
  readonly isOfYaml: boolean;
  /** All that decides; undefined where the configuration has no such source. */
  way(loaded: LoadedConfig): unknown;
}

/**
 * Refuses a change by which a secret that is not entered with it would go to another place, or on another way: whoever may
 * change an address could read out there what is never shown. A secret of the YAML goes the YAML's own way alone.
 * @throws {ConfigFileError} with every secret that must be entered
 */
export async function refuseKeptSecrets(change: StatePatch, options: KeptSecretsOptions): Promise<void> {
  const { before, after } = options;
  const all = keptIn(change, after);
  const moves = (kept: Kept, from: LoadedConfig) => !isSame(kept.way(from), kept.way(after));
  const isMoved = (kept: Kept) => kept.way(before) !== undefined && moves(kept, before);
  const yaml = all.some(({ isOfYaml }) => isOfYaml) ? await options.yamlAlone() : undefined;
  const leavesYaml = (kept: Kept) => kept.isOfYaml && (!yaml || moves(kept, yaml));
  const findings = all.filter((kept) => isMoved(kept) || leavesYaml(kept)).map(({ path }) => toFinding(path));
  if (findings.length > 0) throw new ConfigFileError(STATE_FILE, findings);
}

function keptIn(change: StatePatch, { made: { document, state, origins } }: LoadedConfig): Kept[] {
  const whole = mergeConfig(document, state).value;
  const sources = valueAt(whole, ["sources"]);
  const list: readonly unknown[] = Array.isArray(sources) ? sources : [];
  const isOfYaml = (path: Path) => origins[pathText(path)] === "yaml";
  const ofSources = sourcesOf(change).flatMap(({ name }, index): Kept[] => {
    const at = list.findIndex((source) => valueAt(source, ["name"]) === name);
    if (at < 0) return [];
    return secretsIn({ sources: [list[at]] }).map(([, , ...rest]) => ({
      path: ["sources", index, ...rest],
      isOfYaml: isOfYaml(["sources", at, ...rest]),
      way: (loaded) => wayOfSource(loaded, name),
    }));
  });
  const zerobus = valueAt(whole, ["zerobus"]);
  const touches = change.zerobus !== undefined || change.security !== undefined;
  const ofZerobus = touches && isObject(zerobus) ? secretsIn({ zerobus }) : [];
  const toZerobus = ofZerobus.map((path): Kept => ({ path, isOfYaml: isOfYaml(path), way: wayToZerobus }));
  return [...ofSources, ...toZerobus].filter(({ path }) => {
    const given = valueAt(change, path);
    return typeof given !== "string" || given === UNCHANGED;
  });
}

function wayOfSource({ config }: LoadedConfig, name: string): unknown {
  const source = config.sources.find((each) => each.name === name);
  if (!source) return undefined;
  const block = source[String(source.protocol)];
  return [...OF_SOURCE.map((key) => source[key]), ...OF_PROTOCOL.map((key) => valueAt(block, [key]))];
}

function wayToZerobus({ config }: LoadedConfig): unknown {
  return OF_ZEROBUS.map((path) => valueAt(config, path));
}

/** Where secrets stand that are not empty. */
function secretsIn(part: StatePatch): Path[] {
  const paths: Path[] = [];
  mapTexts(part, { schema: configSchema, document: {} }, ({ text, isSecret, path }) => {
    if (isSecret && text !== "") paths.push(path);
    return text;
  });
  return paths;
}

function toFinding(path: Path): Finding {
  const message = "must be entered again: with this change it would go to another place, or on another way";
  return { severity: "error", file: STATE_FILE, line: 1, column: 1, path: pathText(path), message };
}
