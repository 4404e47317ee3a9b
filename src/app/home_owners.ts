import { basename, dirname } from "node:path";
import { infoOf } from "../core/home_file.ts";

/** What decides about the connector, seen from its home directory. */
const DECIDING = ["", "/certs", "/identity.json"] as const;
const GROUP_OR_OTHERS_WRITE = 0o022;
const GROUP_OR_OTHERS_READ = 0o044;
const ROOT = 0;

export interface HomeOwnersOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** The configuration's file, relative to the home directory or absolute. */
  readonly file: string;
  /** The spool's directory and its key, relative to the home directory. */
  readonly spool: string;
  readonly key: string;
  /** Of the user that the connector runs as. */
  readonly uid: number | null;
}

/**
 * A sentence for each file or directory by which another user than the connector's own, and root, could take it over, or
 * read what it keeps sealed. It works all the same: a plant may have its reasons.
 */
export function homeWarnings({ home, file, spool, key, uid }: HomeOwnersOptions): string[] {
  const config = file.startsWith("/") ? file : `${home}/${file}`;
  const deciding = [...DECIDING.map((path) => `${home}${path}`), config];
  const secret = [...keysAt(`${home}/${key}`), `${home}/${spool}/spool.db`, `${home}/identity.json`];
  return [
    ...deciding.flatMap((path) => warningsAt(path, (info) => warningsOf(path, info, uid))),
    ...secret.flatMap((path) => warningsAt(path, (info) => readWarnings(path, info))),
  ];
}

/** Why this user had better change nothing in a home whose spool is another's; undefined when that is not so. */
export function otherUserFault(
  { home, spool, uid }: Pick<HomeOwnersOptions, "home" | "spool" | "uid">,
): string | undefined {
  const { uid: owner = null } = infoOf(`${home}/${spool}/spool.db`) ?? infoOf(home) ?? {};
  if (uid === null || owner === null || owner === uid) return undefined;
  const reason = `it belongs to user ${owner}, whose connector could not use what user ${uid} writes there`;
  return `Cannot change the spool in ${home}: ${reason}. Give the command as its owner: sudo -u '#${owner}' iot-connector …`;
}

/** The key, and those beside it that came before or are to come. */
function keysAt(path: string): string[] {
  const [directory, name] = [dirname(path), basename(path)];
  if (!infoOf(directory)?.isDirectory) return [];
  try {
    const names = [...Deno.readDirSync(directory)].map((each) => each.name);
    return names.filter((each) => each.startsWith(name)).sort().map((each) => `${directory}/${each}`);
  } catch {
    return []; // not for this user: opening the key says so
  }
}

function warningsAt(path: string, warningsFor: (info: Deno.FileInfo) => string[]): string[] {
  const info = infoOf(path);
  return info ? warningsFor(info) : [];
}

function readWarnings(path: string, { mode }: Deno.FileInfo): string[] {
  if (((mode ?? 0) & GROUP_OR_OTHERS_READ) === 0) return [];
  return [`${path} may be read by other users: take the right from them with chmod go-r ${path}`];
}

function warningsOf(path: string, { mode, uid: owner }: Deno.FileInfo, uid: number | null): string[] {
  const warnings: string[] = [];
  if (((mode ?? 0) & GROUP_OR_OTHERS_WRITE) !== 0) {
    warnings.push(`${path} may be changed by other users: take the right from them with chmod go-w ${path}`);
  }
  if (uid !== null && owner !== null && owner !== uid && owner !== ROOT) {
    warnings.push(`${path} belongs to another user, ${owner}: give it to the connector's, with chown ${uid} ${path}`);
  }
  return warnings;
}
