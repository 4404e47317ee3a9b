import { infoOf } from "../core/home_file.ts";

/** What decides about the connector, seen from its home directory. */
const DECIDING = ["", "/certs", "/identity.json"] as const;
const GROUP_OR_OTHERS_WRITE = 0o022;
const ROOT = 0;

export interface HomeOwnersOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** The configuration's file, relative to the home directory or absolute. */
  readonly file: string;
  /** Of the user that the connector runs as. */
  readonly uid: number | null;
}

/**
 * A sentence for each file or directory by which another user than the connector's own, and root, could take it over. It
 * works all the same: a plant may have its reasons.
 */
export function homeWarnings({ home, file, uid }: HomeOwnersOptions): string[] {
  const config = file.startsWith("/") ? file : `${home}/${file}`;
  return [...DECIDING.map((path) => `${home}${path}`), config].flatMap((path) => {
    const info = infoOf(path);
    return info ? warningsOf(path, info, uid) : [];
  });
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
