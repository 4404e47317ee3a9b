/** The times of files that go into what is released: the same sources then give the same bytes. */
import { RELEASED_US } from "../src/lib/version.ts";

/** Seconds since 1970-01-01 UTC. */
export const RELEASED_S = RELEASED_US / 1e6;

/** Gives everything in a directory the time of the release, as its last change: an executable has these times in it. */
export async function settleTimes(directory: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) await settleTimes(path);
    await Deno.utime(path, RELEASED_S, RELEASED_S);
  }
}
