/** What of a home goes into a backup. */
import { infoOf } from "../core/home_file.ts";

/** A file of the home. */
export interface HomeFile {
  /** Seen from the home directory. */
  readonly path: string;
  readonly mode: number;
  readonly bytes: number;
  /** A database of SQLite, which may be in use: copied as a whole, and not read as a file. */
  readonly isDatabase: boolean;
}

/** Directories that hold only what belongs to a process, what somebody carries out by hand, or the log of before. */
const LEFT_OUT = ["run", "export", "logs", ".backup", ".restore"];
/** Beside a database: what SQLite keeps there, and what the spool makes anew. */
const BESIDE = /(-wal|-shm|-journal|\.new|\.part)$/;
const SQLITE = new TextEncoder().encode("SQLite format 3\0");

/**
 * All files of the home but those. Databases come first: whatever key they need is still there when keys are read, since
 * one is made before it is used. `spool`: the spool's directory, seen from the home. Links are left out.
 */
export function contentsOf(home: string, spool: string): readonly HomeFile[] {
  const own = new Set([`${spool}/lock`, `${spool}/reserve`]);
  const files = [...filesIn(home, "")].filter(({ path }) => !own.has(path));
  return [...files.filter(({ isDatabase }) => isDatabase), ...files.filter(({ isDatabase }) => !isDatabase)];
}

function* filesIn(home: string, folder: string): Iterable<HomeFile> {
  const entries = [...Deno.readDirSync(`${home}/${folder}`)].sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory, isFile } of entries) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory && !LEFT_OUT.includes(path)) yield* filesIn(home, path);
    if (!isFile || BESIDE.test(name)) continue;
    const info = infoOf(`${home}/${path}`);
    if (info) {
      yield { path, mode: (info.mode ?? 0o600) & 0o777, bytes: info.size, isDatabase: isDatabase(`${home}/${path}`) };
    }
  }
}

/** A damaged one that was put aside is read as a file, whatever is in it. */
function isDatabase(path: string): boolean {
  if (path.includes(".corrupt-")) return false;
  using file = Deno.openSync(path);
  const start = new Uint8Array(SQLITE.length);
  file.readSync(start);
  return start.every((byte, i) => byte === SQLITE[i]);
}
