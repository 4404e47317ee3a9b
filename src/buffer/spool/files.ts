/** The spool's directory: its lock, its database file, and what is put aside. */
import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigError, reasonOf } from "../../core/error.ts";
import { DamagedError, storeFault } from "./faults.ts";

/** A file of rows that is being taken in over the network; what a stop left of one is deleted. */
export const UPLOAD_FILE = "upload.part";
/** A free page is given back to the disk at start when there are many. */
const VACUUM = "PRAGMA incremental_vacuum(20000)";

/** Makes the directory and holds its lock, which dies with the process. @throws {ConfigError} */
export function lockDirectory(directory: string): Disposable {
  try {
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
    refuseLinks(directory);
    Deno.chmodSync(directory, 0o700);
    const file = Deno.openSync(`${directory}/lock`, { write: true, create: true, mode: 0o600 });
    if (file.tryLockSync(true)) {
      removeFile(`${directory}/${UPLOAD_FILE}`);
      return { [Symbol.dispose]: () => unlock(file) };
    }
    file.close();
  } catch (error) {
    throw new ConfigError("spool_unusable", `Cannot use the spool's directory ${directory}: ${reasonOf(error)}`, {
      cause: error,
      path: "backpressure.disk_spool.path",
    });
  }
  throw new ConfigError(
    "spool_in_use",
    `The spool in ${directory} is in use by another process: only one connector at a time can work in a home directory`,
    { path: "backpressure.disk_spool.path" },
  );
}

/** Closing alone would leave the lock to a child process that was being started at that moment. */
function unlock(file: Deno.FsFile): void {
  file.unlockSync();
  file.close();
}

/** A link would lead out of the home directory, whatever the permissions of the process are. */
function refuseLinks(directory: string): void {
  if (Deno.lstatSync(directory).isSymlink) throw new Error("it is a symbolic link");
  const links = [...Deno.readDirSync(directory)].filter(({ isSymlink }) => isSymlink).map(({ name }) => name);
  if (links.length > 0) throw new Error(`it holds symbolic links: ${links.join(", ")}`);
}

export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes the file where there is one. */
export function removeFile(path: string): void {
  if (exists(path)) Deno.removeSync(path);
}

/**
 * Makes the file where there is none, readable for its owner alone, in a way that its free pages can be given back;
 * gives back those of an existing one.
 * @throws {DamagedError} @throws {DiskFullError}
 */
export function prepareDatabase(path: string): void {
  Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  try {
    using db = new DatabaseSync(path);
    db.exec("PRAGMA auto_vacuum = INCREMENTAL"); // of effect in a new file only
    db.exec("PRAGMA journal_mode = WAL");
    db.prepare(VACUUM).all();
  } catch (error) {
    throw storeFault(error);
  }
}

/** Tables of the store that nothing here uses, but which it reads by itself when it opens the file. */
const QUEUES = ["queue", "queue_running"];

/**
 * Looks at what the store reads by itself: the process would end if that were damaged.
 * @throws {DamagedError}
 */
export function refuseDamagedQueues(path: string): void {
  if (!exists(path)) return;
  try {
    using db = new DatabaseSync(path);
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map(({ name }) => name);
    for (const table of QUEUES.filter((each) => tables.includes(each))) {
      const [first] = db.prepare(`PRAGMA integrity_check('${table}')`).all();
      if (first?.integrity_check !== "ok") throw new DamagedError(`a table is damaged: ${first?.integrity_check}`);
    }
  } catch (error) {
    throw storeFault(error);
  }
}

/** Whether files that were put aside are still there. */
export function hasRemains(directory: string): boolean {
  return [...Deno.readDirSync(directory)].some(({ name }) => name.includes(".corrupt-"));
}

/** Puts the file aside, under the name it returns, together with what SQLite keeps beside it. */
export function putAside(path: string, nowUs: number): string {
  const time = new Date(nowUs / 1000).toISOString().replace(/[:.]/g, "-");
  const kept = `${path}.corrupt-${time}`;
  for (const beside of ["", "-wal", "-shm"]) {
    if (exists(path + beside)) Deno.renameSync(path + beside, kept + beside);
  }
  return kept;
}

/** So many damaged files are kept: each may be as large as the spool. */
const KEPT_REMAINS = 3;

/** Deletes all files that were put aside but the newest, of which `newest` is one whatever the clock says. Says which. */
export function deleteOldRemains(path: string, newest: string): string[] {
  const name = `${basename(path)}.corrupt-`;
  const files = [...Deno.readDirSync(dirname(path))].map((entry) => `${dirname(path)}/${entry.name}`)
    .filter((file) => basename(file).startsWith(name) && !/-(wal|shm)$/.test(file) && file !== newest).sort();
  const old = files.slice(0, Math.max(0, files.length - (KEPT_REMAINS - 1)));
  for (const file of old) for (const beside of ["", "-wal", "-shm"]) removeFile(file + beside);
  return old;
}
