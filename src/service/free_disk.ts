import { statfs } from "node:fs/promises";

/** Bytes that somebody who is not root may still write where `path` is; undefined where that cannot be found out. */
export async function freeDiskBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return undefined; // not there yet, or no right to look: told as unknown
  }
}
