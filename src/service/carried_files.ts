/** Files of rows that were carried out through the API. They stay in the home until somebody deletes them. */
import { ConfigError, reasonOf } from "../core/error.ts";
import { infoOf } from "../core/home_file.ts";
import { type NamedIn, newPathInHome, pathInHome } from "./home_path.ts";

/** As `newCarriedName` makes them, so that nothing else of the folder is shown or given away. */
const NAME = /^spool_\d{8}T\d{6}Z(_\d{1,3})?\.rows$/;
const FOLDER = "export";
/** More cannot begin within one second. */
const MAX_OF_A_SECOND = 999;

export interface CarriedFile {
  readonly name: string;
  readonly bytes: number;
  /** When it was whole: microseconds since 1970-01-01 UTC. */
  readonly timeUs: number;
}

/** A name that no file has: `spool_20260131T120000Z.rows`. */
export function newCarriedFile(place: NamedIn, nowUs: number): { readonly name: string; readonly path: string } {
  const time = new Date(nowUs / 1000).toISOString().replace(/[-:]|\.\d+/g, "");
  for (let n = 1; n <= MAX_OF_A_SECOND; n++) {
    const name = `spool_${time}${n === 1 ? "" : `_${n}`}.rows`;
    const path = newPathInHome(place, `${FOLDER}/${name}`);
    if (!infoOf(path)) return { name, path };
  }
  throw new ConfigError("export_failed", `There are ${MAX_OF_A_SECOND} files of ${time} in ${FOLDER}/: delete some`);
}

/** The newest first. */
export function carriedFiles(place: NamedIn): CarriedFile[] {
  const folder = pathInHome(place, FOLDER);
  if (!infoOf(folder)?.isDirectory) return [];
  const names = [...Deno.readDirSync(folder)].filter(({ name, isFile }) => isFile && NAME.test(name));
  return names.flatMap(({ name }) => {
    const info = infoOf(`${folder}/${name}`);
    return info ? [{ name, bytes: info.size, timeUs: (info.mtime?.getTime() ?? 0) * 1000 }] : [];
  }).sort((a, b) => a.name < b.name ? 1 : -1);
}

/** The absolute path of one of them. @throws {ConfigError} `no_carried_file` */
export function carriedPath(place: NamedIn, name: string): string {
  const path = NAME.test(name) ? pathInHome(place, `${FOLDER}/${name}`) : "";
  if (!path || !infoOf(path)?.isFile) throw new ConfigError("no_carried_file", `There is no file ${name} of rows`);
  return path;
}

/** @throws {ConfigError} when it is not there, or cannot be deleted */
export function removeCarried(place: NamedIn, name: string): void {
  const path = carriedPath(place, name);
  try {
    Deno.removeSync(path);
  } catch (error) {
    throw new ConfigError("file_not_saved", `Cannot delete ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
