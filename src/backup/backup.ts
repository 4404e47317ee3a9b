import { backup as copyDatabase, DatabaseSync } from "node:sqlite";
import { ConfigError, EdgeError, reasonOf } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory } from "../core/home_file.ts";
import { contentsOf, type HomeFile } from "./contents.ts";
import { BackupWriter, PIECE_BYTES } from "./file.ts";
import type { Sealing } from "./sealing.ts";

export interface BackupOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** The spool's directory, seen from the home. */
  readonly spool: string;
  /** Absolute path of the file to write. */
  readonly file: string;
  readonly sealing: Sealing;
  /** Of this connector. */
  readonly version: string;
  /** Told the SHA-256 of the file, hexadecimal, once it is whole. */
  onWhole?(sha256: string): void;
  /** Ends it; then no file is left. */
  readonly signal: AbortSignal;
}

/** How far a backup or a restoration is, in bytes. */
export interface Progress {
  readonly done: number;
  readonly of: number;
}

/**
 * Copies a home into one sealed file, beside a running connector too: databases are copied as they are at one moment, and
 * nobody who writes waits for that.
 * @throws {ConfigError} when it cannot be made; then no file is left
 */
export async function* backUp(options: BackupOptions): AsyncIterable<Progress> {
  const { home, spool, file, sealing, version, signal } = options;
  const all = contentsOf(home, spool).filter(({ path }) => `${home}/${path}` !== file);
  using writer = await BackupWriter.create(file, sealing, version);
  const of = all.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const each of all) {
    signal.throwIfAborted();
    await add(each, { home, writer });
    done += each.bytes;
    yield { done, of };
  }
  const sha256 = await writer.finish();
  options.onWhole?.(sha256);
}

interface Place {
  readonly home: string;
  readonly writer: BackupWriter;
}

async function add(each: HomeFile, { home, writer }: Place): Promise<void> {
  const path = linkFree(home, `${home}/${each.path}`);
  try {
    if (!each.isDatabase) return await writer.add(each, pieces(path));
    await using copy = await databaseCopy(home, path);
    await writer.add(each, pieces(copy.path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return; // it went since it was listed: the state as of now is without it
    if (error instanceof EdgeError) throw error;
    throw new ConfigError("backup_failed", `Cannot back up ${each.path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** All pages in one step: a writer does not change them meanwhile, and does not wait either (WAL). */
async function databaseCopy(home: string, path: string): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = `${home}/.backup`;
  makeDirectory(home, folder);
  const copy = `${folder}/copy.db`;
  const remove = () => {
    for (const each of [copy, `${copy}-journal`, `${copy}-wal`, `${copy}-shm`]) if (infoOf(each)) Deno.removeSync(each);
    Deno.removeSync(folder);
  };
  if (infoOf(copy)) Deno.removeSync(copy); // of a backup that was killed
  try {
    using database = new DatabaseSync(path, { readOnly: true });
    await copyDatabase(database, copy, { rate: -1 });
  } catch (error) {
    remove();
    throw error;
  }
  return { path: copy, [Symbol.asyncDispose]: () => Promise.resolve(remove()) };
}

function* pieces(path: string): Iterable<Uint8Array> {
  using file = Deno.openSync(path);
  while (true) {
    const bytes = new Uint8Array(PIECE_BYTES);
    const count = file.readSync(bytes);
    if (count === null) return;
    yield bytes.subarray(0, count);
  }
}
