/** `config/connector_state.json`: what was changed through the GUI and the API, as a merge patch over the YAML. */
import { dirname } from "node:path";
import { ConfigError, reasonOf } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory } from "../core/home_file.ts";
import { ConfigFileError } from "./finding.ts";
import { isSourcePatch, type StatePatch } from "./merge.ts";
import { CURRENT_VERSION } from "./migrate.ts";
import { isObject } from "./walk.ts";
import { type Path, YamlFile } from "./yaml_file.ts";

/** Seen from the home directory. */
export const STATE_FILE = "config/connector_state.json";
/** Sources may list tens of thousands of registers, which come here from a form or from CSV. */
const MAX_CHARS = 16 * 1024 * 1024;
const MENDING = "restore it from a backup, or move it away: the YAML alone then holds";

const utf8 = new TextEncoder();

/** A state as its file says it. */
export interface StateFile {
  readonly patch: StatePatch;
  /** Of the file; undefined where there is none. */
  readonly text: string | undefined;
}

/** Reads the state; without a file it is empty. @throws {ConfigFileError} when it is damaged, or a newer version's */
export async function readState(
  home: string,
  readTextFile: (path: string) => Promise<string>,
): Promise<StateFile> {
  try {
    return parseState(await readTextFile(`${home}/${STATE_FILE}`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { patch: {}, text: undefined };
    if (error instanceof ConfigFileError) throw error;
    throw fault(`cannot be read: ${reasonOf(error)}`);
  }
}

/** @throws {ConfigFileError} as above */
export function parseState(text: string): StateFile {
  if (text.length > MAX_CHARS) throw fault(`has more than ${MAX_CHARS / 1024 / 1024} MiB: ${MENDING}`);
  const value = parsed(text);
  if (!isObject(value)) throw fault(`is damaged: it must be a JSON object; ${MENDING}`);
  const { version = CURRENT_VERSION, ...patch } = value;
  if (version !== CURRENT_VERSION) {
    const whose = typeof version === "number" && version > CURRENT_VERSION ? "a newer connector" : "no known connector";
    throw fault(`was written by ${whose}: use that version, or move the file away, and the YAML alone holds`, {
      at: new YamlFile(text).positionOf(["version"]),
      path: "version",
    });
  }
  const wrong = unfitSources(patch);
  if (wrong) throw fault(`${wrong}; ${MENDING}`, { at: new YamlFile(text).positionOf(["sources"]), path: "sources" });
  return { patch, text };
}

/** The text of a state's file. @throws {ConfigError} when it is larger than a configuration may be */
export function stateText(patch: StatePatch): string {
  const text = `${JSON.stringify({ version: CURRENT_VERSION, ...patch }, null, 2)}\n`;
  if (text.length <= MAX_CHARS) return text;
  const message =
    `The change is not taken: what differs from the YAML would have more than ${MAX_CHARS / 1024 / 1024}` +
    " MiB. Put long lists into the YAML, or into profiles";
  throw new ConfigError("change_too_large", message);
}

/** What is wrong with the sources of a patch; undefined where nothing is. */
export function unfitSources({ sources }: StatePatch): string | undefined {
  if (sources === undefined) return undefined;
  if (!Array.isArray(sources)) return "sources must be a list";
  const names = sources.map((source) => isSourcePatch(source) ? source.name : undefined);
  if (names.includes(undefined)) return "each of the sources must be an object with a name";
  const twin = names.find((name, i) => names.indexOf(name) < i);
  return twin === undefined ? undefined : `sources has ${twin} twice`;
}

/** A file that is on the disk and not yet in its place. */
export interface Prepared extends Disposable {
  /** Puts it into its place, which needs no room any more: from now on the new file counts, whenever the power goes. */
  commit(): void;
}

/**
 * Writes a new state beside the old one, which stays as it is until `commit`; dispose of it to forget it. Only its owner
 * may read it.
 * @throws {ConfigError} when the disk does not take it; then nothing has changed
 */
export function prepareState(home: string, text: string): Prepared {
  const path = `${home}/${STATE_FILE}`;
  const next = `${path}.new`;
  const forget = () => {
    if (infoOf(next)) Deno.removeSync(next);
  };
  try {
    makeDirectory(home, dirname(path));
    linkFree(home, path);
    forget(); // left by a save that was cut short, or a link that somebody put there
    writeSynced(next, text);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    tried(forget);
    throw notSaved(error);
  }
  return {
    commit: () => {
      try {
        Deno.renameSync(next, path);
        using folder = Deno.openSync(dirname(path));
        folder.syncSync(); // else the power may take the new name with it
      } catch (error) {
        throw notSaved(error);
      }
    },
    [Symbol.dispose]: () => tried(forget),
  };
}

function writeSynced(path: string, text: string): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  const bytes = utf8.encode(text);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
}

/** A disk that takes nothing may not let go of anything either. */
function tried(task: () => void): void {
  try {
    task();
  } catch {
    // the next save takes away what is left
  }
}

function notSaved(error: unknown): ConfigError {
  const message =
    `Cannot save ${STATE_FILE}: ${reasonOf(error)}. Nothing was changed: make room on the disk, see that ` +
    "the connector's user may write there, and try again";
  return new ConfigError("state_not_saved", message, { cause: error });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const [first] = new YamlFile(text).faults; // the engine's own words quote the text, which may hold a secret
    throw fault(`is damaged: it is no JSON; ${MENDING}`, first ? { at: first, path: "" } : {});
  }
}

interface Where {
  readonly at?: { readonly line: number; readonly column: number };
  readonly path?: string;
}

function fault(message: string, { at = { line: 1, column: 1 }, path = "" }: Where = {}): ConfigFileError {
  const { line, column } = at;
  return new ConfigFileError(STATE_FILE, [{ severity: "error", file: STATE_FILE, path, line, column, message }]);
}

/** Finds the places of values in a state's file. Reads it at the first question: most files have no faults. */
export function placesIn(text: string | undefined): (path: Path) => { readonly line: number; readonly column: number } {
  let yaml: YamlFile | undefined; // JSON is YAML
  return (path) => (yaml ??= new YamlFile(text ?? "")).positionOf(path);
}
