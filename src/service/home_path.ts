import { type LoadedConfig, OWN_DIRECTORIES, OWN_FILES } from "../config/mod.ts";
import { ConfigError } from "../core/error.ts";
import { linkFree, makeDirectory } from "../core/home_file.ts";

/** Where the spool is by default: the connector's own wherever the configuration puts it. */
const SPOOL = "spool";
/** The directory for what somebody has written. It is made where it is missing. */
const EXPORT = "export";

/** What decides which files of a home somebody may name. */
export interface NamedIn {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly loaded: LoadedConfig;
}

/**
 * The absolute path of a file that somebody names, absolute or relative to the home directory.
 * @throws {ConfigError} for one that is not in the home directory, is the connector's own, or that a link leads to
 */
export function pathInHome({ home, loaded }: NamedIn, file: string): string {
  const base = `${home === "/" ? "" : home}/`;
  const path = file.startsWith("/") ? file : `${base}${file}`;
  const names = namesOf(path.slice(base.length));
  if (!path.startsWith(base) || names.includes("..")) throw notInHome(home, file);
  const own = ownerOf(names.join("/"), ownPaths(loaded, base));
  if (own !== undefined) throw isOwn(file, own);
  return linkFree(home, `${base}${names.join("/")}`);
}

/** The same for a file that is to be written: `export/` is made for it. @throws {ConfigError} as above */
export function newPathInHome(place: NamedIn, file: string): string {
  const path = pathInHome(place, file);
  const directory = `${place.home === "/" ? "" : place.home}/${EXPORT}`;
  if (path.startsWith(`${directory}/`)) makeDirectory(place.home, directory);
  return path;
}

/** Paths that are the connector's own: a directory ends in "/", and a file's name may go on, as in `identity.json.new`. */
function ownPaths({ config, file }: LoadedConfig, base: string): string[] {
  const { path: spool, encryption_key_path: key } = config.backpressure.disk_spool;
  const { local_sink: sink } = config;
  const inside = (path: string) => path.startsWith(base) ? path.slice(base.length) : path;
  const files = [...OWN_FILES, `${spool}/spool.db`, key, file, ...(sink.enabled ? [sink.path] : [])]
    .map(inside);
  const directories = [...OWN_DIRECTORIES, SPOOL, inside(spool)].map((path) => `${namesOf(path).join("/")}/`);
  return [...directories, ...files.filter((path) => !path.startsWith("/")).map((path) => namesOf(path).join("/"))];
}

/** Which of them a path belongs to. A file system may not tell upper case from lower, nor one form of Unicode from another. */
function ownerOf(path: string, own: readonly string[]): string | undefined {
  const form = (text: string) => text.normalize("NFC").toLowerCase();
  return own.find((each) => `${form(path)}/`.startsWith(form(each)));
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function notInHome(home: string, file: string): ConfigError {
  const reason = `it is not in the home directory ${home}, and nothing is read or written elsewhere`;
  return new ConfigError("not_in_home", `Cannot use ${file}: ${reason}`);
}

function isOwn(file: string, own: string): ConfigError {
  const reason = `${own} is the connector's own, and no command reads or writes it by name`;
  const advice = `Name a file elsewhere in the home directory, for example ${EXPORT}/${file.split("/").at(-1)}`;
  return new ConfigError("own_file", `Cannot use ${file}: ${reason}. ${advice}`);
}
