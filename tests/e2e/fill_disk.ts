/** A file of somebody else's that takes up what is left of a disk. */
import { statfsSync } from "node:fs";

const PIECE = new Uint8Array(64 * 1024);

/** Writes it, or more of it, until there is no room for a byte. */
export function fillUp(directory: string): void {
  using file = Deno.openSync(`${directory}/other`, { create: true, append: true });
  try {
    while (true) file.writeSync(PIECE);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}

/** Removes it. */
export function clearUp(directory: string): void {
  Deno.removeSync(`${directory}/other`);
}

export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
