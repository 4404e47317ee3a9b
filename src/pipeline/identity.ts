import type { Clock } from "../core/clock.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import { linkFree, replaceFile } from "../core/home_file.ts";

const VERSION = 1;

/** Who this installation is, and which start of it this is. */
export interface InstallationIdentity {
  readonly edgeId: string;
  readonly bootEpoch: number;
}

/** An identity, and where it was last. */
interface Known extends InstallationIdentity {
  readonly host: string | undefined;
}

/** An identity that a start has taken. */
export interface BegunBoot extends InstallationIdentity {
  /** The start before was on another host: this home was moved, or it is a copy, and the other may still run. */
  readonly isElsewhere: boolean;
}

/**
 * Takes the next boot epoch from `<home>/identity.json`, which is made at the first start. The file stands apart from
 * the buffer, so that rows never repeat an identity when a buffer is replaced or restored; the epoch is never smaller
 * than the host's time in seconds, so that restoring this file from a backup repeats none either. `host`: tells this host
 * from others, where anything does.
 *
 * @throws {ConfigError} when the file is damaged or cannot be written
 */
export function beginBoot(home: string, clock: Clock, host?: string): BegunBoot {
  const path = pathIn(home);
  try {
    const known = read(linkFree(home, path));
    const seconds = Math.floor(clock.nowUs() / 1_000_000);
    const identity = {
      edgeId: known?.edgeId ?? crypto.randomUUID().replaceAll("-", ""),
      bootEpoch: Math.max((known?.bootEpoch ?? 0) + 1, seconds),
    };
    write(home, { ...identity, host: host ?? known?.host });
    const isElsewhere = host !== undefined && known?.host !== undefined && host !== known.host;
    return { ...identity, isElsewhere };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      "identity_not_kept",
      `Cannot keep the installation's identity in ${path}: ${
        reasonOf(error)
      }. It needs some kilobytes there and the right to write`,
      {
        cause: error,
      },
    );
  }
}

/** The random name of this installation, which is made where there is none yet. @throws {ConfigError} as `beginBoot` does */
export function edgeIdOf(home: string, clock: Clock): string {
  return read(linkFree(home, pathIn(home)))?.edgeId ?? beginBoot(home, clock).edgeId;
}

function read(path: string): Known | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const identity = parse(text);
  if (identity) return identity;
  if (isNewer(text)) {
    const message = `${path} was written by a newer connector: start that version, or restore a backup that this one ` +
      "has made. Nothing was changed";
    throw new ConfigError("home_newer", message);
  }
  throw new ConfigError(
    "identity_damaged",
    `Cannot read ${path}: it is damaged. Restore it from a backup; or delete it, and the rows from then on ` +
      "come from what counts as a new installation",
  );
}

function parse(text: string): Known | undefined {
  try {
    const { version, edge_id, boot_epoch, host } = JSON.parse(text);
    const isWhole = version === VERSION && /^[0-9a-f]{32}$/.test(edge_id) && Number.isSafeInteger(boot_epoch);
    if (!isWhole) return undefined;
    return { edgeId: edge_id, bootEpoch: boot_epoch, host: typeof host === "string" ? host : undefined };
  } catch {
    return undefined; // not JSON, or not an object
  }
}

function isNewer(text: string): boolean {
  try {
    const { version } = JSON.parse(text);
    return typeof version === "number" && version > VERSION;
  } catch {
    return false;
  }
}

function write(home: string, { edgeId, bootEpoch, host }: Known): void {
  const text = JSON.stringify({ version: VERSION, edge_id: edgeId, boot_epoch: bootEpoch, host }) + "\n";
  replaceFile(home, pathIn(home), text); // on the disk when it returns, else the epoch might repeat
}

function pathIn(home: string): string {
  return `${home}/identity.json`;
}
