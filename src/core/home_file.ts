/**
 * Files of the home directory. Deno checks the path of a symbolic link and not where it leads, so a link in the home
 * would let the connector read and write anywhere: whatever is opened there by name goes through these functions.
 */
import { dirname } from "node:path";
import { ConfigError, reasonOf } from "./error.ts";

const utf8 = new TextEncoder();

/**
 * `path`, when neither it nor a directory between it and the home is a symbolic link; what does not exist is none. A
 * path outside of the home is left to the permissions: secrets that are mounted are links by nature.
 *
 * ```ts
 * const text = await Deno.readTextFile(linkFree(home, `${home}/certs/ca.pem`));
 * ```
 * @throws {ConfigError} naming the link
 */
export function linkFree(home: string, path: string): string {
  const base = home.endsWith("/") ? home : `${home}/`;
  if (!path.startsWith(base)) return path;
  let here = base.slice(0, -1);
  for (const name of path.slice(base.length).split("/")) {
    if (name === "" || name === ".") continue;
    here += `/${name}`;
    if (infoOf(here)?.isSymlink) throw linkError(here);
  }
  return path;
}

/** What is at `path` itself, links not followed; undefined where there is nothing, or nothing that may be seen. */
export function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined; // whoever opens it says why it cannot be had
  }
}

/** Makes a directory of the home and those above it, for its owner alone. @throws {ConfigError} for a link */
export function makeDirectory(home: string, path: string): void {
  Deno.mkdirSync(linkFree(home, path), { recursive: true, mode: 0o700 });
}

/**
 * Writes a text or bytes in a way that leaves the old file or the new one, whole, whenever the power goes. It is readable
 * for its owner alone.
 * @throws {ConfigError} for a link @throws what the file system throws
 */
export function replaceFile(home: string, path: string, content: string | Uint8Array): void {
  const next = `${linkFree(home, path)}.new`;
  if (infoOf(next)) Deno.removeSync(next); // left by a start that was cut short, or a link that somebody put there
  {
    using file = Deno.openSync(next, { write: true, createNew: true, mode: 0o600 });
    const bytes = typeof content === "string" ? utf8.encode(content) : content;
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
  }
  Deno.renameSync(next, path);
  using folder = Deno.openSync(dirname(path));
  folder.syncSync(); // else the power may take the new name with it
}

/**
 * The same for what somebody asked to be kept. Where that fails, the old file stays, and nothing is left of the new one.
 * @throws {ConfigError} `file_not_saved`, saying what to do; or for a link
 */
export function saveFile(home: string, path: string, content: string | Uint8Array): void {
  try {
    replaceFile(home, path, content);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (infoOf(`${path}.new`)) Deno.removeSync(`${path}.new`);
    const message =
      `Cannot save ${path.slice(home.length + 1)}: ${reasonOf(error)}. Nothing was changed: make room on ` +
      "the disk, see that the connector's user may write there, and try again";
    throw new ConfigError("file_not_saved", message, { cause: error });
  }
}

function linkError(path: string): ConfigError {
  const message =
    `${path} is a symbolic link: links in the home directory are not followed, since they lead out of it. ` +
    "Put the file or directory itself there; a secret may stay under /run/secrets, and a file of a ConfigMap is mounted with subPath";
  return new ConfigError("link_in_home", message);
}
