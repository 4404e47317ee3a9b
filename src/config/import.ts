/** A whole configuration from elsewhere, as a change of the one that holds here. */
import { shownConfig } from "./describe.ts";
import { ConfigFileError, type Finding, pathText } from "./finding.ts";
import type { LoadedConfig } from "./load.ts";
import { isSourcePatch, mergeConfig, sourcesOf, type StatePatch } from "./merge.ts";
import type { Origins } from "./origins.ts";
import { isSame } from "./same.ts";
import { configSchema } from "./schema.ts";
import { UNCHANGED } from "./sealed_state.ts";
import { mapTexts } from "./state_texts.ts";
import { isObject, valueAt } from "./walk.ts";
import { type Path, YamlFile } from "./yaml_file.ts";

/** What people call the text by. */
const FILE = "import";

export interface Import {
  /** The change that leads to what the text says. */
  readonly patch: StatePatch;
  /** Secrets of what the change touches, which the text does not tell, by their path in the change. */
  readonly secrets: readonly { readonly path: string; readonly isKept: boolean }[];
  /** Keys that the text does not have, and that the YAML sets here: only there they can be taken out. */
  readonly stays: readonly string[];
}

/** @throws {ConfigFileError} when it is no YAML of a configuration, or refers to the environment where only a YAML here may */
export function importOf(text: string, loaded: LoadedConfig): Import {
  const wanted = parsed(text);
  const { document, state, origins } = loaded.made;
  const between = new Between(origins);
  const { sources: shown, ...current } = shownConfig(loaded.config);
  const { sources, ...rest } = wanted;
  const blocks = between.objects(current, rest, []);
  const entries = between.sources(namedIn(shown), namedIn(sources));
  const patch: StatePatch = entries.length > 0 ? { ...blocks, sources: entries } : blocks;
  return { patch, secrets: untold(patch, mergeConfig(document, state).value), stays: between.stays };
}

function parsed(text: string): Record<string, unknown> {
  const yaml = new YamlFile(text);
  if (yaml.faults.length > 0) throw refused(yaml.faults.map((fault) => ({ ...fault, path: "" })));
  const { value } = yaml;
  if (!isObject(value) || value.version === undefined) {
    throw refused([{ line: 1, column: 1, path: "", message: "is no configuration: it has no key version" }]);
  }
  const unnamed = unnamedIn(value.sources);
  if (unnamed.length > 0) throw refused(unnamed.map((fault) => ({ ...yaml.positionOf(fault.at), ...fault })));
  const references = referencesIn(value);
  if (references.length > 0) {
    const message = "refers to the environment or a file, which only a secret may here: write the value itself";
    throw refused(references.map((path) => ({ ...yaml.positionOf(path), path: pathText(path), message })));
  }
  return value;
}

/** What would be passed over as if it were not there, and what is here of these sources taken out. */
function unnamedIn(sources: unknown): { readonly at: Path; readonly path: string; readonly message: string }[] {
  if (sources === undefined) return [];
  if (!Array.isArray(sources)) return [{ at: ["sources"], path: "sources", message: "must be a list" }];
  return sources.flatMap((source: unknown, index) => {
    const at = ["sources", index];
    const message = "is no source: an entry has a name, a protocol and an endpoint";
    return isSourcePatch(source) ? [] : [{ at, path: pathText(at), message }];
  });
}

function refused(findings: readonly Omit<Finding, "severity">[]): ConfigFileError {
  return new ConfigFileError(FILE, findings.map((finding) => ({ ...finding, severity: "error" })));
}

function referencesIn(document: Record<string, unknown>): Path[] {
  const found: Path[] = [];
  mapTexts(document, { schema: configSchema, document: {} }, ({ text, isSecret, path }) => {
    if (!isSecret && /(^|[^$])\$\{/.test(text)) found.push(path);
    return text;
  });
  return found;
}

type Named = Record<string, unknown> & { readonly name: string };

function namedIn(sources: unknown): readonly Named[] {
  return sourcesOf({ sources }) as readonly Named[]; // they have names
}

/** Gathers what differs; what is in neither file is the default here and there. */
class Between {
  readonly #origins: ReadonlyMap<string, ReadonlySet<string>>;
  readonly stays: string[] = [];

  constructor(origins: Origins) {
    this.#origins = originsWithin(origins);
  }

  /** `path`: of both, in the configuration here. */
  objects(now: Record<string, unknown>, wanted: Record<string, unknown>, path: Path): Record<string, unknown> {
    const members = Object.entries(wanted).flatMap(([key, value]): [string, unknown][] => {
      const old = now[key];
      if (isSame(old, value) || (value === null && old === undefined)) return [];
      return [[key, isObject(old) && isObject(value) ? this.objects(old, value, [...path, key]) : value]];
    });
    const gone = Object.keys(now).filter((key) => !Object.hasOwn(wanted, key)).flatMap((key): [string, null][] =>
      this.#isOfState([...path, key]) ? [[key, null]] : []
    );
    return Object.fromEntries([...members.filter(([, value]) => !isNothing(value)), ...gone]);
  }

  sources(now: readonly Named[], wanted: readonly Named[]): Record<string, unknown>[] {
    const names = new Set(wanted.map(({ name }) => name));
    const places = new Map(now.map(({ name }, at) => [name, at]));
    const removed = now.filter(({ name }) => !names.has(name)).map(({ name }) => ({ name, deleted: true }));
    const changed = wanted.flatMap((source) => {
      const at = places.get(source.name) ?? -1;
      const old = now[at];
      if (!old) return [source];
      const patch = this.objects(old, source, ["sources", at]);
      return isNothing(patch) ? [] : [{ ...patch, name: source.name }];
    });
    return [...changed, ...removed];
  }

  /** Whether a change made here says something of it; notes what the YAML says. */
  #isOfState(path: Path): boolean {
    const at = pathText(path);
    const within = this.#origins.get(at);
    if (within?.has("yaml")) this.stays.push(at);
    return within?.has("state") === true;
  }
}

/** Of each place, whose values are in it. Found once: looking through all of them for each key takes minutes of long lists. */
function originsWithin(origins: Origins): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [path, origin] of Object.entries(origins)) {
    for (const { index } of path.matchAll(/[.[]|$/g)) {
      const place = path.slice(0, index);
      found.set(place, (found.get(place) ?? new Set()).add(origin));
    }
  }
  return found;
}

function isNothing(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** Secrets of everything that the change touches, but for those that it brings. `here`: what holds now. */
function untold(patch: StatePatch, here: unknown): Import["secrets"] {
  const whole = mergeConfig(here, patch).value;
  const all = valueAt(whole, ["sources"]);
  const list: readonly unknown[] = Array.isArray(all) ? all : [];
  const ofSources = sourcesOf(patch).flatMap(({ name, deleted }, index): Secret[] => {
    const source = list.find((each) => valueAt(each, ["name"]) === name);
    if (deleted === true || source === undefined) return [];
    return secretsIn({ sources: [source] }).map(({ path: [, , ...rest], text }) => (
      { path: ["sources", index, ...rest], text }
    ));
  });
  const touches = patch.zerobus !== undefined || patch.security !== undefined;
  const ofZerobus = touches ? secretsIn({ zerobus: valueAt(whole, ["zerobus"]) ?? {} }) : [];
  return [...ofSources, ...ofZerobus].flatMap(({ path, text }) => {
    const given = valueAt(patch, path);
    if (typeof given === "string" && given !== UNCHANGED) return [];
    return [{ path: pathText(path), isKept: text !== UNCHANGED }];
  });
}

interface Secret {
  readonly path: Path;
  readonly text: string;
}

function secretsIn(part: StatePatch): Secret[] {
  const found: Secret[] = [];
  mapTexts(part, { schema: configSchema, document: {} }, ({ text, isSecret, path }) => {
    if (isSecret && text !== "") found.push({ path, text });
    return text;
  });
  return found;
}
