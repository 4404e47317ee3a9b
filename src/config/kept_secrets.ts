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
/** Keys outside of a source that decide whom all of them take for the right peer. */
const OF_ALL_SOURCES: readonly Path[] = [["security", "ca_bundle_path"], ["security", "certificates", "validation"]];
/** The same for the way to Databricks. */
const OF_ZEROBUS: readonly Path[] = [
  ["zerobus", "workspace_host"],
  ["zerobus", "zerobus_endpoint"],
  ["zerobus", "auth", "token_endpoint"],
  ["security", "ca_bundle_path"],
  ["security", "certificates", "validation"],
  ["security", "network", "proxy"],
];

/** Keys of a destination of alerts that decide where its secret goes. */
const OF_DESTINATION = ["type", "url", "smtp_host", "smtp_port", "tls"] as const;

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
  /** Whether the change speaks of what it belongs to, and not only of what all have to do with. */
  readonly isNamed: boolean;
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
  const leavesYaml = (kept: Kept) => !yaml || moves(kept, yaml);
  // One of the YAML may always go back to where the YAML sends it. Where a change was made before, another one of something
  // else moves nothing.
  const isRefused = (kept: Kept) => kept.isOfYaml ? leavesYaml(kept) && (kept.isNamed || isMoved(kept)) : isMoved(kept);
  const findings = all.filter(isRefused).map(({ path }) => toFinding(path));
  if (findings.length > 0) throw new ConfigFileError(STATE_FILE, findings);
}

/** A change that enters nothing, and touches everything. */
const ALL_LEFT: StatePatch = { security: {}, zerobus: {}, monitoring: {} };

/**
 * Refuses to go back to changes by which a secret of the YAML would go to another place than before, and than the YAML says:
 * it may have been written there since. What was entered by changes goes back to where it was entered for.
 * @throws {ConfigFileError} with every such secret
 */
export async function refuseYamlSecretsLed(options: KeptSecretsOptions): Promise<void> {
  const { before, after } = options;
  const moved = keptIn(ALL_LEFT, after).filter((kept) => kept.isOfYaml && !isSame(kept.way(before), kept.way(after)));
  const yaml = moved.length > 0 ? await options.yamlAlone() : undefined;
  const findings = moved.filter((kept) => !yaml || !isSame(kept.way(yaml), kept.way(after))).map(({ path }) =>
    toFinding(path, "stands in the YAML, and would go to another place than the YAML says: change the rest by hand")
  );
  if (findings.length > 0) throw new ConfigFileError(STATE_FILE, findings);
}

function keptIn(change: StatePatch, { made: { document, state, origins } }: LoadedConfig): Kept[] {
  const whole = mergeConfig(document, state).value;
  const isOfYaml = (path: Path) => origins[pathText(path)] === "yaml";
  const zerobus = valueAt(whole, ["zerobus"]);
  const touches = change.zerobus !== undefined || change.security !== undefined;
  const ofZerobus = touches && isObject(zerobus) ? secretsIn({ zerobus }) : [];
  const toZerobus = ofZerobus.filter((path) => isLeft(change, path)).map((path): Kept => (
    { path, isOfYaml: isOfYaml(path), isNamed: change.zerobus !== undefined, way: wayToZerobus }
  ));
  return [...keptOfSources(change, whole, isOfYaml), ...toZerobus, ...keptOfMonitoring(change, whole, isOfYaml)];
}

/** Lists of destinations and of headers are given as a whole: what one keeps is at the same place of the list before. */
function keptOfMonitoring(change: StatePatch, whole: unknown, isOfYaml: (path: Path) => boolean): Kept[] {
  const monitoring = valueAt(whole, ["monitoring"]);
  if ((change.monitoring === undefined && change.security === undefined) || !isObject(monitoring)) return [];
  return secretsIn({ monitoring }).filter((path) => isLeft(change, path)).map((path) => ({
    path,
    isOfYaml: isOfYaml(path),
    isNamed: change.monitoring !== undefined,
    way: ({ config }) => path[1] === "alerts" ? wayOfDestination(config, path[3]) : wayToCollector(config),
  }));
}

function wayToCollector(config: LoadedConfig["config"]): unknown {
  return [
    valueAt(config, ["monitoring", "tracing", "otlp", "endpoint"]),
    valueAt(config, ["security", "ca_bundle_path"]),
    valueAt(config, ["security", "network", "proxy"]),
  ];
}

function wayOfDestination(config: LoadedConfig["config"], at: Path[number] | undefined): unknown {
  const destination = typeof at === "number" ? config.monitoring.alerts.destinations[at] : undefined;
  if (!destination) return undefined;
  return [
    ...OF_DESTINATION.map((key) => valueAt(destination, [key])),
    valueAt(config, ["security", "ca_bundle_path"]),
    valueAt(config, ["security", "network", "proxy"]),
  ];
}

/** Of the sources that a change names; of all where it has to do with whom they take for the right peer. */
function keptOfSources(change: StatePatch, whole: unknown, isOfYaml: (path: Path) => boolean): Kept[] {
  const list = valueAt(whole, ["sources"]);
  const sources: readonly unknown[] = Array.isArray(list) ? list : [];
  const named = sourcesOf(change).map(({ name }) => name);
  return sources.flatMap((source, at): Kept[] => {
    const name = valueAt(source, ["name"]);
    const index = named.findIndex((each) => each === name);
    if (typeof name !== "string" || (index < 0 && change.security === undefined)) return [];
    const paths = secretsIn({ sources: [source] }).map(([, , ...rest]) => rest);
    const left = paths.filter((rest) => index < 0 || isLeft(change, ["sources", index, ...rest]));
    return left.map((rest) => ({
      path: ["sources", index < 0 ? at : index, ...rest],
      isOfYaml: isOfYaml(["sources", at, ...rest]),
      isNamed: index >= 0,
      way: (loaded) => wayOfSource(loaded, name),
    }));
  });
}

/** Whether a change does not enter a secret. */
function isLeft(change: StatePatch, path: Path): boolean {
  const given = valueAt(change, path);
  return typeof given !== "string" || given === UNCHANGED;
}

function wayOfSource({ config }: LoadedConfig, name: string): unknown {
  const source = config.sources.find((each) => each.name === name);
  if (!source) return undefined;
  const block = source[String(source.protocol)];
  return [
    ...OF_SOURCE.map((key) => source[key]),
    ...OF_PROTOCOL.map((key) => valueAt(block, [key])),
    ...OF_ALL_SOURCES.map((path) => valueAt(config, path)),
  ];
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

const ENTER_AGAIN = "must be entered again: with this change it would go to another place, or on another way";

function toFinding(path: Path, message = ENTER_AGAIN): Finding {
  return { severity: "error", file: STATE_FILE, line: 1, column: 1, path: pathText(path), message };
}
