import { normalize } from "node:path/posix";
import { SOURCES } from "../sources/mod.ts";
import { faultsAcross } from "./across.ts";
import { guarded } from "./describe.ts";
import { expand, type ExpandDeps, type Expanded } from "./expand.ts";
import { followFaults, followSecrets } from "./followed.ts";
import { ConfigFileError, type Finding, pathText } from "./finding.ts";
import type { Fault } from "./issue_text.ts";
import { mergeConfig, type Merged, type StatePatch } from "./merge.ts";
import { migrate } from "./migrate.ts";
import { notInEffect } from "./not_in_effect.ts";
import { type Origins, originsOf } from "./origins.ts";
import { parseDocument } from "./parse.ts";
import { forgetProfiles, type Profiled, type ProfileDeps, withProfiles } from "./profiles.ts";
import { type Config, configSchema } from "./schema.ts";
import { openState } from "./sealed_state.ts";
import { hider } from "./secrecy.ts";
import { findSecretBox, type KeyPlace } from "./secrets_key.ts";
import { type SourceEntry, toSourceEntry } from "./source_entry.ts";
import { sourceFaults, withMisplacedBlock } from "./source_faults.ts";
import { placesIn, readState, STATE_FILE, type StateFile, stateText } from "./state_file.ts";
import { tagOf } from "./tag.ts";
import { isObject, valueAt } from "./walk.ts";
import { type Path, YamlFile } from "./yaml_file.ts";

/** Where the configuration is, seen from the home directory, unless `--config` names another file. */
export const CONFIG_FILE = "config/connector.yaml";

export interface LoadOptions extends ExpandDeps {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** In place of `config/connector.yaml`; relative to the home directory, or absolute. */
  readonly file?: string;
  /** In place of what the file says: a configuration that is only thought of. */
  readonly yaml?: string;
  /** In place of what `config/connector_state.json` says. */
  readonly state?: StatePatch;
}

/** A configuration that can be used. */
export interface LoadedConfig {
  readonly config: Config;
  readonly sources: readonly SourceEntry[];
  readonly warnings: readonly Finding[];
  /** The file's name as people know it. */
  readonly file: string;
  /** What it was made of. */
  readonly made: Made;
}

/** What a configuration was made of. */
export interface Made {
  /** The YAML's text, and what it says. */
  readonly yaml: string;
  readonly document: unknown;
  /** Secrets in it are sealed. */
  readonly state: StatePatch;
  readonly origins: Origins;
  /** Changes with every change of the two files. */
  readonly tag: string;
}

/**
 * Reads the configuration, puts the environment into it, and checks it.
 * @throws {ConfigFileError} with everything that is wrong, at once
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { home, file: named, yaml: given, state, ...deps } = options;
  const file = named ?? CONFIG_FILE;
  const found = given ?? await readFile(file.startsWith("/") ? file : `${home}/${file}`, { file, named }, deps);
  const text = found ?? EMPTY;
  const yaml = new YamlFile(text);
  if (yaml.faults.length > 0) {
    throw new ConfigFileError(file, yaml.faults.map((fault) => ({ ...fault, severity: "error", path: "" })));
  }
  const kept = state ? { patch: state, text: stateText(state) } : await readState(home, deps.readTextFile);
  const whole = await withState(yaml.value, kept, { ...deps, home });
  const { config, value, errors, warnings, profiled, followed } = await check(whole.merged.value, {
    ...deps,
    home,
    yamlFile: inHome(home, file),
  });
  const hide = hider(configSchema, value);
  const inState = placesIn(kept.text);
  const toFinding = (severity: Finding["severity"]) => (fault: Fault): Finding => {
    const { path, message } = { ...fault, message: hide(fault.message) };
    const inProfile = profiled?.placeOf({ path, message });
    if (inProfile) return { ...inProfile, severity };
    const changed = whole.merged.inPatch(path);
    const at = changed ? { ...inState(changed), file: STATE_FILE } : yaml.positionOf(whole.merged.inDocument(path));
    return { severity, path: pathText(path), message, ...at };
  };
  const inProfiles = profiled?.findings ?? [];
  const own = [...errors.map(toFinding("error")), ...warnings.map(toFinding("warning"))];
  const missing = found === undefined ? [NO_FILE] : [];
  const findings = [...missing, ...storeInState(kept, config), ...whole.findings, ...inProfiles, ...own].sort(inOrder);
  if (!config || findings.some(({ severity }) => severity === "error")) throw new ConfigFileError(file, findings);
  await followSecrets(config, followed, deps);
  forgetProfiles(config.sources);
  const sources = config.sources.map((entry) => toSourceEntry(entry, SOURCES));
  const origins = originsOf(whole.merged);
  const made = { yaml: text, document: yaml.value, state: kept.patch, origins, tag: tagOf(text, kept.patch) };
  return { config: guarded(config), sources, warnings: findings, file, made };
}

interface Whole {
  readonly merged: Merged;
  /** Secrets that cannot be opened. */
  readonly findings: readonly Finding[];
}

/** The YAML's values with those of the state over them. */
async function withState(document: unknown, { patch, text }: StateFile, deps: KeyPlace): Promise<Whole> {
  if (Object.keys(patch).length === 0) return { merged: mergeConfig(document, patch), findings: [] };
  const open = openState(
    withYamlReadOnly(patch, document),
    { schema: configSchema, document },
    await findSecretBox(deps),
  );
  const positionOf = placesIn(text);
  const findings = open.faults.map(({ path, message }): Finding => (
    { severity: "error", file: STATE_FILE, path: pathText(path), message, ...positionOf(path) }
  ));
  return { merged: mergeConfig(document, open.patch), findings };
}

/** What the YAML has made read-only no state makes writable: `gui.read_only` holds where one of the two says so. */
function withYamlReadOnly(patch: StatePatch, document: unknown): StatePatch {
  const { gui } = patch;
  const inYaml = valueAt(document, ["gui", "read_only"]) ?? false;
  if (inYaml === false || !isObject(gui) || gui.read_only === true) return patch;
  const { read_only: _readOnly, ...others } = gui;
  return { ...patch, gui: others };
}

/** What decides where a store's token goes, on which way, and to whom. */
const WAY_TO_STORE: readonly Path[] = [["security", "network", "proxy"], ["security", "ca_bundle_path"]];

/** Whoever may use the pages must not have the store's token sent to an address of their own. */
function storeInState({ patch, text }: StateFile, config: Config | undefined): Finding[] {
  const { provider } = config?.security.secrets ?? { provider: "env" };
  const hasStore = provider !== "env" && provider !== "file";
  const paths: readonly Path[] = [["security", "secrets"], ...hasStore ? WAY_TO_STORE : []];
  const condition = (path: Path) => WAY_TO_STORE.includes(path) ? `, since secrets.provider is ${provider}` : "";
  return paths.filter((path) => valueAt(patch, path) !== undefined).map((path) => {
    const message = `can be set in the YAML alone${condition(path)}: it decides where the connector shows who it is`;
    return { severity: "error", file: STATE_FILE, path: pathText(path), message, ...placesIn(text)(path) };
  });
}

/** By file, the configuration itself first, then by place. */
function inOrder(a: Finding, b: Finding): number {
  const [one, other] = [a.file ?? "", b.file ?? ""];
  return one === other ? a.line - b.line || a.column - b.column : one < other ? -1 : 1;
}

/** What a home directory is that has no file yet: everything as its default says. */
const EMPTY = "version: 1\n";
const NO_FILE: Finding = {
  severity: "warning",
  path: "",
  line: 1,
  column: 1,
  message: "does not exist: everything is as its default says, or as the pages have saved it",
};

/** Undefined where there is none, and nobody has named one. */
async function readFile(
  path: string,
  { file, named }: { readonly file: string; readonly named: string | undefined },
  { readTextFile }: ExpandDeps,
): Promise<string | undefined> {
  try {
    return await readTextFile(path);
  } catch (error) {
    if (named === undefined && error instanceof Deno.errors.NotFound) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    const message = error instanceof Deno.errors.NotFound
      ? `${path} does not exist: copy the sample config/connector.yaml there, or name another file with --config`
      : `cannot be read: ${reason}`;
    throw new ConfigFileError(file, [{ severity: "error", path: "", line: 1, column: 1, message }]);
  }
}

interface Checked {
  readonly config: Config | undefined;
  /** With references replaced. */
  readonly value: unknown;
  readonly errors: readonly Fault[];
  readonly warnings: readonly Fault[];
  readonly profiled?: Profiled;
  readonly followed: Expanded["followed"];
}

/** A path as the home directory sees it; undefined for one that leads elsewhere. */
function inHome(home: string, file: string): string | undefined {
  const base = home.endsWith("/") ? home : `${home}/`;
  const path = normalize(file.startsWith("/") ? file : `${base}${file}`);
  return path.startsWith(base) ? path.slice(base.length) : undefined;
}

interface CheckDeps extends ExpandDeps, ProfileDeps {
  readonly yamlFile: string | undefined;
}

async function check(document: unknown, deps: CheckDeps): Promise<Checked> {
  const current = migrate(document);
  if (current.fault) return { config: undefined, value: document, errors: [current.fault], warnings: [], followed: [] };
  const { value: whole, expanded, faults: dangling, followed } = await expand(current.value, deps);
  const profiled = await withProfiles(whole, deps);
  const { data: config, value, faults } = parseDocument(configSchema, profiled.value, expanded);
  const atDangling = new Set(dangling.map(({ path }) => pathText(path)));
  const unmet = faults.filter(({ path }) => !atDangling.has(pathText(path)));
  // What profiles would have listed is not there while one of them is wrong: that nothing is listed follows from it.
  const isProfiled = profiled.faults.length + profiled.findings.length === 0;
  const beyond = isProfiled ? sourceFaults(value) : { errors: [], warnings: [] };
  return {
    config,
    value,
    profiled,
    followed,
    errors: [
      ...dangling,
      ...followFaults(followed, value),
      ...profiled.faults,
      ...unmet.map((fault) => withMisplacedBlock(fault, value)),
      ...faultsAcross(value, deps.yamlFile),
      ...beyond.errors,
    ],
    warnings: [...beyond.warnings, ...notInEffect(configSchema, value)],
  };
}
