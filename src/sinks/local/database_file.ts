import { DatabaseSync } from "node:sqlite";
import { dirname } from "node:path";
import { ConfigError } from "../../core/error.ts";
import { infoOf, linkFree, makeDirectory } from "../../core/home_file.ts";
import { CorruptFileError, localError } from "./local_error.ts";

/** What every SQLite file begins with (sqlite.org/fileformat2.html, 1.3.1). */
const BEGINNING = new TextEncoder().encode("SQLite format 3\0");

/**
 * Opens the file, and makes it where there is none, readable for its owner alone. `FULL`: a commit is on the disk when
 * it returns (sqlite.org/pragma.html#pragma_synchronous); readers do not disturb it, nor it them (WAL).
 * @throws {EdgeError}
 */
export function openDatabase(home: string, path: string): DatabaseSync {
  try {
    makeDirectory(home, dirname(path));
    for (const beside of ["", "-wal", "-shm", "-journal"]) checkPlace(home, path + beside);
    if (isForeign(path)) throw foreignFile(path);
    Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
    if (((infoOf(path)?.mode ?? 0) & 0o077) !== 0) Deno.chmodSync(path, 0o600); // SQLite does so with those beside it
    const db = new DatabaseSync(path);
    try {
      db.exec("PRAGMA auto_vacuum = INCREMENTAL"); // of effect in a new file only
      db.exec("PRAGMA journal_mode = WAL");
      db.exec("PRAGMA synchronous = FULL");
      db.exec("PRAGMA wal_autocheckpoint = 0"); // the owner does it between two transactions
      db.exec("PRAGMA cache_size = -8000"); // KiB
      db.exec(`PRAGMA journal_size_limit = ${16 * 1024 * 1024}`);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw localError(error, path);
  }
}

/** SQLite follows links, and waits for ever at a pipe. */
function checkPlace(home: string, path: string): void {
  const info = infoOf(linkFree(home, path));
  if (!info || info.isFile) return;
  const message = `${path} is no file: local_sink.path must name a file, or one that is still to be made`;
  throw new ConfigError("local_file_unopenable", message, { path: "local_sink.path" });
}

/** Whether what is there is something else than a SQLite file: it stays untouched then, for it may be somebody's. */
export function isForeign(path: string): boolean {
  if (!exists(path)) return false;
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(BEGINNING.length);
  const length = file.readSync(bytes) ?? 0;
  return length > 0 && (length < BEGINNING.length || BEGINNING.some((byte, at) => bytes[at] !== byte));
}

function foreignFile(path: string): ConfigError {
  const message = `${path} is no SQLite file, and is left as it is: ` +
    "name another file in local_sink.path, or move this one away if it is a damaged file of rows";
  return new ConfigError("local_file_foreign", message, { path: "local_sink.path" });
}

/** Puts a file that cannot be read aside, under the name it returns, together with what SQLite keeps beside it. */
export function putAside(path: string, nowUs: number): string {
  const time = new Date(nowUs / 1000).toISOString().replace(/[:.]/g, "-");
  const kept = `${path}.corrupt-${time}`;
  try {
    Deno.renameSync(path, kept);
    for (const beside of ["-wal", "-shm"]) {
      if (exists(path + beside)) Deno.renameSync(path + beside, kept + beside);
    }
  } catch (error) {
    throw localError(error, path);
  }
  return kept;
}

export function isCorrupt(error: unknown): boolean {
  return error instanceof CorruptFileError;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
