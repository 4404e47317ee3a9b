/** Files of the home directory that are the connector's own: no setting may have something else written there. */
import type { Fault } from "./issue_text.ts";
import { valueAt } from "./walk.ts";

/** Directories that hold nothing else, but for keys in `certs`. */
const CERTS = "certs";
export const OWN_DIRECTORIES: readonly string[] = ["config", CERTS, "audit", "run", "memory", "state/columns"];
/** Names may go on, as in `identity.json.new`. */
export const OWN_FILES: readonly string[] = ["identity.json", "latest_time", "alerts.json", "metrics_history.jsonl"];
/** What stands in `certs` beside the spool's key: names of files may go on, those of directories end in "/". */
const IN_CERTS: readonly string[] = [
  "users.json",
  "tokens.json",
  "secrets.key",
  "audit.key",
  "gui/",
  "uploads/",
  "opcua/",
];

const SPOOL = ["backpressure", "disk_spool", "path"];
const KEY = ["backpressure", "disk_spool", "encryption_key_path"];
const SINK = ["local_sink", "path"];
const LOG = ["monitoring", "logging", "file_path"];

/**
 * Settings that name what is written, and lie where the connector keeps something of its own. `file`: the YAML, seen from
 * the home directory, wherever in it that stands.
 */
export function ownFileFaults(value: unknown, file?: string): Fault[] {
  return [SPOOL, KEY, SINK, LOG].flatMap((path) => {
    const named = valueAt(value, path);
    if (typeof named !== "string") return [];
    const own = ownerOf(plain(named), path, value) ?? yamlAt(plain(named), file);
    if (own === undefined) return [];
    return [{ path, message: `must name another place: ${own} is the connector's own, and would be written over` }];
  });
}

/** What of the connector's own `path` lies in, or is. */
function ownerOf(path: string, setting: readonly string[], value: unknown): string | undefined {
  if (path === "") return "the home directory";
  const directories = setting === KEY ? OWN_DIRECTORIES.filter((name) => name !== CERTS) : OWN_DIRECTORIES;
  const inCerts = setting === KEY ? IN_CERTS.map((name) => `${CERTS}/${name}`) : [];
  if (setting === KEY && path === CERTS) return CERTS;
  const within = directories.find((name) => `${path}/`.startsWith(`${name}/`));
  return within ??
    [...OWN_FILES, ...inCerts, ...spoolFiles(setting, value), ...sinkFile(setting, value)].find((name) =>
      `${path}/`.startsWith(name)
    );
}

/** The YAML, where a path names it, or a directory that it would have to be. */
function yamlAt(path: string, file: string | undefined): string | undefined {
  return file !== undefined && `${path}/`.startsWith(`${plain(file)}/`) ? file : undefined;
}

/** The spool's own file and key, for the other settings. */
function spoolFiles(setting: readonly string[], value: unknown): string[] {
  const spool = plain(textAt(value, SPOOL) ?? "spool");
  const key = plain(textAt(value, KEY) ?? `${CERTS}/spool_encryption.key`);
  if (setting === SPOOL) return [];
  return [`${spool}/spool.db`, ...(setting === KEY ? [] : [key])];
}

/** The local sink's file, for the log: lines in it would spoil it. */
function sinkFile(setting: readonly string[], value: unknown): string[] {
  return setting === LOG ? [plain(textAt(value, SINK) ?? "data/local.db")] : [];
}

function textAt(value: unknown, path: readonly string[]): string | undefined {
  const text = valueAt(value, path);
  return typeof text === "string" ? text : undefined;
}

/** Without `./` and `//`: the same place, written in one way. */
export function shortPath(path: string): string {
  return path.split("/").filter((name, at) => name !== "." && (name !== "" || at === 0)).join("/");
}

/** The same, to compare by: file systems may not tell upper case from lower, nor one form of Unicode from another. */
function plain(path: string): string {
  return shortPath(path).replace(/^\//, "").normalize("NFC").toLowerCase();
}
