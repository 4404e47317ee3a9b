import { reasonOf } from "../core/error.ts";
import { linkFree, replaceFile } from "../core/home_file.ts";
import type { Logger } from "../core/logger.ts";

/** Where a run leaves the time for the next one, seen from the home directory. */
const FILE = "latest_time";

/**
 * The latest time that runs of this installation know of, microseconds since 1970-01-01 UTC; undefined where none has left any. A
 * host whose clock stands still without power would else not notice that it is behind.
 * @throws {ConfigError} for a link in its place
 */
export function readLatestTime(home: string): number | undefined {
  const path = linkFree(home, `${home}/${FILE}`);
  try {
    const us = Date.parse(Deno.readTextFileSync(path).trim()) * 1000;
    return Number.isFinite(us) ? us : undefined; // damaged: it was only a help
  } catch {
    return undefined; // there is none yet, or it cannot be read
  }
}

/** Leaves the time for the next run. That it cannot be written is told, and stops nothing. */
export function writeLatestTime(home: string, us: number, log: Logger): void {
  try {
    replaceFile(home, `${home}/${FILE}`, `${new Date(us / 1000).toISOString()}\n`);
  } catch (error) {
    log.log("debug", `Cannot write ${home}/${FILE}: ${reasonOf(error)}`, { code: "latest_time_unwritable" });
  }
}
