/** Device profiles: lists that stand in files of their own, put into the sources that name them. */
import type { ProfileSpec } from "../core/profile.ts";
import { reasonOf } from "../core/error.ts";
import { SOURCES } from "../sources/mod.ts";
import type { ExpandDeps } from "./expand.ts";
import { type Finding, pathText } from "./finding.ts";
import type { Fault } from "./issue_text.ts";
import { nearest } from "../lib/nearest.ts";
import { parseDocument } from "./parse.ts";
import { isObject, valueAt } from "./walk.ts";
import { type Path, YamlFile } from "./yaml_file.ts";

/** Where users put their own, seen from the home directory. */
export const PROFILE_DIRECTORY = "config/profiles";

export interface ProfileDeps extends Pick<ExpandDeps, "readTextFile"> {
  readonly home: string;
}

/** A document with what its profiles say. */
export interface Profiled {
  readonly value: unknown;
  /** What is wrong where a profile is named. */
  readonly faults: readonly Fault[];
  /** What is wrong in profiles. */
  readonly findings: readonly Finding[];
  /** The place in its profile of what is wrong with an entry that came from one; undefined for all else. */
  placeOf(fault: Fault): Finding | undefined;
}

/** A profile that can be used. */
interface Profile {
  readonly file: string;
  readonly yaml: YamlFile;
  readonly data: unknown;
}

type Read = Profile | { readonly fault: string } | { readonly findings: readonly Finding[] };

/** An entry that came from a profile: the path in the document, what it came from, and who named it. */
interface Origin {
  readonly profile: Profile;
  /** Path in the profile's file. */
  readonly at: Path;
  readonly by: string;
}

/** Puts the entries of the profiles that `document` names behind those that its sources list themselves. */
export async function withProfiles(document: unknown, deps: ProfileDeps): Promise<Profiled> {
  const reader = new ProfileReader(deps);
  const sources = valueAt(document, ["sources"]);
  if (!Array.isArray(sources)) return reader.result(document);
  const changed = await Promise.all(sources.map((source, index) => reader.sourceWith(source, index)));
  const isChanged = changed.some((source, index) => source !== sources[index]);
  return reader.result(isChanged ? Object.assign({}, document, { sources: changed }) : document);
}

/** Takes the names of profiles out of parsed sources: their entries are in the lists, and would come twice if read back. */
export function forgetProfiles(sources: readonly Record<string, unknown>[]): void {
  for (const source of sources) {
    const spec = SOURCES.find(({ type }) => type === source.protocol);
    const block = spec && source[spec.type];
    if (spec?.profiles && isObject(block)) block[spec.profiles.key] = [];
  }
}

class ProfileReader {
  readonly #deps: ProfileDeps;
  readonly #read = new Map<string, Promise<Read>>();
  readonly #origins = new Map<string, Origin>();
  readonly #faults: Fault[] = [];
  readonly #findings = new Set<Finding>();

  constructor(deps: ProfileDeps) {
    this.#deps = deps;
  }

  result(value: unknown): Profiled {
    return {
      value,
      faults: this.#faults,
      findings: [...this.#findings],
      placeOf: (fault) => this.#placeOf(fault),
    };
  }

  async sourceWith(source: unknown, index: number): Promise<unknown> {
    const spec = SOURCES.find(({ type }) => type === valueAt(source, ["protocol"]));
    const block = valueAt(source, [spec?.type ?? ""]);
    const devices = valueAt(block, [spec?.profiles?.key ?? ""]);
    const own = valueAt(block, [spec?.list ?? ""]) ?? [];
    if (!spec?.profiles || !isObject(source) || !isObject(block) || !Array.isArray(devices) || !Array.isArray(own)) {
      return source;
    }
    const list = [...own];
    for (const [i, device] of devices.entries()) {
      const path = ["sources", index, spec.type, spec.profiles.key, i];
      const found = await this.#profileOf(device, { profiles: spec.profiles, path });
      if (!found) continue;
      for (const [at, entry] of spec.profiles.entries(found.data, device).entries()) {
        const place = pathText(["sources", index, spec.type, spec.list, list.length]);
        this.#origins.set(place, { profile: found, at: [spec.list, at], by: pathText(path) });
        list.push(entry);
      }
    }
    return { ...source, [spec.type]: { ...block, [spec.list]: list } };
  }

  async #profileOf(device: unknown, { profiles, path }: { profiles: ProfileSpec; path: Path }) {
    const name = valueAt(device, ["profile"]);
    if (typeof name !== "string" || !/^[A-Za-z0-9_-]+$/.test(name)) return undefined; // the schema says so
    let read = this.#read.get(name);
    if (!read) this.#read.set(name, read = readProfile(name, { profiles, deps: this.#deps }));
    const result = await read;
    if ("data" in result) return result;
    if ("fault" in result) this.#faults.push({ path: [...path, "profile"], message: result.fault });
    else for (const finding of result.findings) this.#findings.add(finding);
    return undefined;
  }

  #placeOf({ path, message }: Fault): Finding | undefined {
    const [block, index, type, list, at, ...key] = path;
    const origin = this.#origins.get(pathText([block, index, type, list, at].filter((each) => each !== undefined)));
    if (!origin) return undefined;
    const inFile = [...origin.at, ...key];
    const { file, yaml } = origin.profile;
    const words = `${message} (as ${origin.by} names it)`;
    return { severity: "error", file, path: pathText(inFile), message: words, ...yaml.positionOf(inFile) };
  }
}

async function readProfile(
  name: string,
  { profiles, deps }: { profiles: ProfileSpec; deps: ProfileDeps },
): Promise<Read> {
  const file = `${PROFILE_DIRECTORY}/${name}.yaml`;
  const own = await ownText(`${deps.home}/${file}`, deps);
  if (own instanceof Error) return { fault: `${file} cannot be read: ${reasonOf(own)}` };
  const text = own ?? (Object.hasOwn(profiles.shipped, name) ? profiles.shipped[name] : undefined);
  if (text === undefined) return { fault: noProfile(name, { file, known: Object.keys(profiles.shipped) }) };
  return parsed(text, { file: own === undefined ? `profile ${name}` : file, profiles });
}

async function ownText(path: string, { readTextFile }: ProfileDeps): Promise<string | undefined | Error> {
  try {
    return await readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return error instanceof Error ? error : new Error(String(error));
  }
}

function noProfile(name: string, { file, known }: { file: string; known: readonly string[] }): string {
  const like = nearest(name, known);
  const hint = like === undefined ? `the connector has ${known.join(", ")}` : `did you mean ${like}?`;
  return `there is no profile ${name}: put it into ${file}, or name one that is part of the connector; ${hint}`;
}

function parsed(text: string, { file, profiles }: { file: string; profiles: ProfileSpec }): Read {
  const yaml = new YamlFile(text);
  const severity = "error";
  if (yaml.faults.length > 0) return { findings: yaml.faults.map((fault) => ({ ...fault, severity, file, path: "" })) };
  const { data, faults } = parseDocument(profiles.schema, yaml.value, []);
  if (faults.length === 0) return { file, yaml, data };
  return {
    findings: faults.map(({ path, message }) => (
      { severity, file, path: pathText(path), message, ...yaml.positionOf(path) }
    )),
  };
}
