import { dirname } from "node:path";
import { ConfigError, EdgeError, reasonOf } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory } from "../core/home_file.ts";
import type { Progress } from "./backup.ts";
import { BackupReader, type Frame } from "./file.ts";
import type { Opening } from "./sealing.ts";

/** Where files stand until all of them are there. Seen from the home. */
const STAGE = ".restore";
/** Who an installation is. */
const IDENTITY = "identity.json";

export interface RestoreOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** Absolute path of the backup. */
  readonly file: string;
  readonly opening: Opening;
  /** Of the backup as it was made: needed where a public key sealed it. */
  readonly sha256?: string | undefined;
  /** The connector that the backup is of will never run again, and this one takes its name. */
  readonly isTakeover: boolean;
  /** Ends it; then nothing was restored. */
  readonly signal: AbortSignal;
}

/**
 * Puts what a backup holds into a home that has none of it. Without `isTakeover` the identity stays out: the next start
 * makes a new one, so that two connectors never pass for one.
 * @throws {ConfigError} when a file of it is there already, or the backup is not whole; then nothing was restored
 */
export async function* restore(options: RestoreOptions): AsyncIterable<Progress> {
  const { home, file, opening, sha256, isTakeover, signal } = options;
  using reader = await BackupReader.open(file, { ...opening, ...sha256 === undefined ? {} : { sha256 } });
  const stage = `${home}/${STAGE}`;
  removeAll(stage);
  try {
    makeDirectory(home, stage);
    using target = new Target(home);
    for await (const frame of reader.frames()) {
      signal.throwIfAborted();
      target.take(frame);
      yield { done: frame.at, of: reader.bytes };
    }
    target.settle(isTakeover ? [] : [IDENTITY]);
  } catch (error) {
    if (error instanceof EdgeError || signal.aborted) throw error;
    const message = `Cannot restore into ${home}: ${reasonOf(error)}. Nothing was restored`;
    throw new ConfigError("restore_failed", message, { cause: error });
  } finally {
    removeAll(stage);
  }
}

/** Takes files into the stage, and moves them into the home when all are there. */
class Target implements Disposable {
  readonly #home: string;
  readonly #paths: string[] = [];
  #file: Deno.FsFile | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  take({ head, body }: Frame): void {
    if (head.path !== undefined) this.#begin(head.path, head.mode);
    for (let at = 0; at < body.length;) at += this.#file?.writeSync(body.subarray(at)) ?? body.length;
  }

  /** Moves everything but `left` to where it belongs. */
  settle(left: readonly string[]): void {
    this.#end();
    const moved: Moved[] = [];
    try {
      for (const path of this.#paths.filter((each) => !left.includes(each))) this.#move(path, moved);
    } catch (error) {
      // A mount of its own in the home, a full disk: what was moved goes back to the stage, which is removed.
      for (const { from, to } of moved.toReversed()) Deno.renameSync(to, from);
      throw error;
    }
    for (const path of foldersOf(this.#home, moved)) {
      using folder = Deno.openSync(path);
      folder.syncSync();
    }
  }

  #move(path: string, moved: Moved[]): void {
    const from = `${this.#home}/${STAGE}/${path}`;
    const to = linkFree(this.#home, `${this.#home}/${path}`);
    makeDirectory(this.#home, dirname(to));
    Deno.renameSync(from, to);
    moved.push({ from, to });
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #begin(path: string, mode: number): void {
    this.#end();
    if (!isInside(path)) throw new TypeError("it names a file outside of the home directory");
    if (infoOf(`${this.#home}/${path}`)) throw taken(this.#home, path);
    const staged = linkFree(this.#home, `${this.#home}/${STAGE}/${path}`);
    makeDirectory(this.#home, dirname(staged));
    this.#file = Deno.openSync(staged, { write: true, createNew: true, mode: mode & 0o600 });
    this.#paths.push(path);
  }

  #end(): void {
    this.#file?.syncSync();
    this[Symbol.dispose]();
  }
}

interface Moved {
  readonly from: string;
  readonly to: string;
}

/** All that names were written into: the home itself, and what lies between it and the files. */
function foldersOf(home: string, moved: readonly Moved[]): ReadonlySet<string> {
  const folders = new Set([home]);
  for (const { to } of moved) {
    for (let folder = dirname(to); folder.length > home.length; folder = dirname(folder)) folders.add(folder);
  }
  return folders;
}

/** Whoever has the public half of a key can seal a backup for it, with any names. */
function isInside(path: string): boolean {
  const names = path.split("/");
  return names.every((name) => name !== "" && name !== "." && name !== "..") && names[0] !== STAGE;
}

function taken(home: string, path: string): ConfigError {
  const message = `Cannot restore into ${home}: there is a ${path} already, and nothing is overwritten. ` +
    "Restore into a directory that holds nothing but the backup. Nothing was restored";
  return new ConfigError("home_not_empty", message);
}

function removeAll(path: string): void {
  if (infoOf(path)) Deno.removeSync(path, { recursive: true });
}
