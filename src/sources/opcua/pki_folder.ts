import { infoOf, linkFree, makeDirectory } from "../../core/home_file.ts";

/** Under the home directory: own/, trusted/certs/, trusted/crl/, issuers/, rejected/, as OPC UA Part 12 lays them out. */
export const PKI_FOLDER = "certs/opcua";

const FOLDERS = [
  "own/certs",
  "own/private",
  "trusted/certs",
  "trusted/crl",
  "issuers/certs",
  "issuers/crl",
  "rejected",
];

/** Certificates that were turned away and are kept, for a person to look at. Anybody on the network can show new ones. */
export const MAX_REJECTED = 100;

/** Makes the folders that are not there, for their owner alone: the library would make them readable for everybody. */
export function makePkiFolders(home: string): void {
  for (const folder of FOLDERS) makeDirectory(home, `${home}/${PKI_FOLDER}/${folder}`);
}

/** Deletes what was turned away longest ago, beyond `MAX_REJECTED` files. */
export function trimRejected(home: string): void {
  const folder = linkFree(home, `${home}/${PKI_FOLDER}/rejected`);
  const files = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => `${folder}/${name}`);
  if (files.length <= MAX_REJECTED) return;
  const time = (path: string) => infoOf(path)?.mtime?.getTime() ?? 0;
  const oldestLast = files.map((path) => ({ path, time: time(path) })).sort((a, b) => b.time - a.time);
  for (const { path } of oldestLast.slice(MAX_REJECTED)) removeIfThere(path);
}

/** Deletes a file. Another source may be at it too. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
