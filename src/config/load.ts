import type { z } from "zod";
import { SOURCES } from "../sources/mod.ts";
import { expand, type ExpandDeps } from "./expand.ts";
import { ConfigFileError, type Finding, pathText } from "./finding.ts";
import { discriminatorFault, faultsOf, type SchemaFault, valueAt } from "./issue_text.ts";
import { notInEffect } from "./not_in_effect.ts";
import { type Config, configSchema } from "./schema.ts";
import { anyEntrySchema, type SourceEntry, toSourceEntry } from "./source_entry.ts";
import { isObject } from "./walk.ts";
import { type Path, YamlFile } from "./yaml_file.ts";

/** Where the configuration is, seen from the home directory, unless `--config` names another file. */
export const CONFIG_FILE = "config/connector.yaml";

export interface LoadOptions extends ExpandDeps {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** In place of `config/connector.yaml`; relative to the home directory, or absolute. */
  readonly file?: string;
}

/** A configuration that can be used. */
export interface LoadedConfig {
  readonly config: Config;
  readonly sources: readonly SourceEntry[];
  readonly warnings: readonly Finding[];
  /** The file's name as people know it. */
  readonly file: string;
}

/**
 * Reads the configuration, puts the environment into it, and checks it.
 * @throws {ConfigFileError} with everything that is wrong, at once
 */
export async function loadConfig({ home, file = CONFIG_FILE, ...deps }: LoadOptions): Promise<LoadedConfig> {
  const text = await readFile(file.startsWith("/") ? file : `${home}/${file}`, file, deps);
  const yaml = new YamlFile(text);
  if (yaml.faults.length > 0) {
    throw new ConfigFileError(file, yaml.faults.map((fault) => ({ ...fault, severity: "error", path: "" })));
  }
  const { value, expanded, faults } = await expand(yaml.value, deps);
  const at = (severity: Finding["severity"]) => ({ path, message }: SchemaFault): Finding => (
    { severity, path: pathText(path), message, ...yaml.positionOf(path) }
  );
  const broken = new Set(faults.map(({ path }) => pathText(path)));
  const checked = check(value, expanded);
  const unmet = checked.faults.filter(({ path }) => !broken.has(pathText(path)));
  const findings = [...faults, ...unmet, ...unsupported(checked.value)].map(at("error"));
  findings.push(...notInEffect(configSchema, checked.value).map(at("warning")));
  findings.sort((a, b) => a.line - b.line || a.column - b.column);
  const { config } = checked;
  if (!config || findings.some(({ severity }) => severity === "error")) throw new ConfigFileError(file, findings);
  const sources = config.sources.map((entry) => toSourceEntry(entry, SOURCES));
  return { config, sources, warnings: findings, file };
}

async function readFile(path: string, file: string, { readTextFile }: ExpandDeps): Promise<string> {
  try {
    return await readTextFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = error instanceof Deno.errors.NotFound
      ? `${path} does not exist: copy the sample config/connector.yaml there, or name another file with --config`
      : `cannot be read: ${reason}`;
    throw new ConfigFileError(file, [{ severity: "error", path: "", line: 1, column: 1, message }]);
  }
}

interface Checked {
  readonly config: Config | undefined;
  readonly value: unknown;
  readonly faults: readonly SchemaFault[];
}

/** The value against the schema. What the environment gave as text may stand for a number or a switch. */
function check(value: unknown, expanded: readonly Path[]): Checked {
  const first = configSchema.safeParse(value);
  if (first.success) return { config: first.data, value, faults: across(first.data) };
  const misread = expanded.filter((path) =>
    first.error.issues.some((issue) => pathText(issue.path) === pathText(path))
  );
  if (misread.some((path) => retype(value, path))) return check(value, []);
  return { config: undefined, value, faults: explain(first.error.issues, value) };
}

/** Makes a number or a switch of the text at `path`, where it is one. False when it is not. */
function retype(value: unknown, path: Path): boolean {
  const parent = valueAt(value, path.slice(0, -1)) as Record<PropertyKey, unknown>; // it has a member
  const key = path.at(-1) ?? "";
  const text = String(parent[key]);
  if (/^(true|false)$/.test(text)) parent[key] = text === "true";
  else if (text === "null") parent[key] = null;
  else if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) parent[key] = Number(text);
  else return false;
  return true;
}

function explain(issues: readonly z.core.$ZodIssue[], value: unknown): SchemaFault[] {
  const entry = anyEntrySchema(SOURCES);
  return faultsOf(issues, configSchema, value).map((fault) => {
    const [block, index, key] = fault.path;
    const isProtocol = block === "sources" && typeof index === "number" && key === "protocol";
    const message = isProtocol ? discriminatorFault(entry, valueAt(value, [block, index])) : undefined;
    return message ? { ...fault, message } : misplacedBlock(fault, value) ?? fault;
  });
}

/** A block of another protocol in an entry says more than that its key is unknown. */
function misplacedBlock({ path }: SchemaFault, value: unknown): SchemaFault | undefined {
  const [block, index, key, ...deeper] = path;
  const other = SOURCES.find(({ type }) => type === key);
  const entry = valueAt(value, [block ?? "", index ?? 0]);
  if (block !== "sources" || !other || deeper.length > 0 || !isObject(entry)) return undefined;
  if (entry.protocol === other.type || entry[other.type] === undefined) return undefined;
  return { path, message: `belongs to protocol ${other.type}, and this source's protocol is ${entry.protocol}` };
}

/** What no single block can say. */
function across({ zerobus, local_sink, sources }: Config): SchemaFault[] {
  const faults: SchemaFault[] = [];
  const names = new Map<unknown, number>();
  for (const [index, { name }] of sources.entries()) {
    const twin = names.get(name);
    if (twin === undefined) names.set(name, index);
    else {faults.push({
        path: ["sources", index, "name"],
        message: `must be unique: sources[${twin}] is called ${name} too`,
      });}
  }
  if (!zerobus.enabled && !local_sink.enabled && sources.some(({ enabled }) => enabled)) {
    const message = "there is nowhere to write to: configure zerobus, or set local_sink.enabled to true";
    faults.push({ path: ["sources"], message });
  }
  return faults;
}

/** What each source that is right by itself asks for and this version cannot do. */
function unsupported(value: unknown): SchemaFault[] {
  const entries = isObject(value) && Array.isArray(value.sources) ? value.sources : [];
  const schema = anyEntrySchema(SOURCES);
  return entries.flatMap((entry, index) => {
    const parsed = schema.safeParse(entry);
    if (!parsed.success) return [];
    const { spec, config } = toSourceEntry(parsed.data, SOURCES);
    return spec.unsupported(config).map(({ path, message }) => ({ path: ["sources", index, ...path], message }));
  });
}
