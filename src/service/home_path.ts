import { ConfigError } from "../core/error.ts";
import { linkFree } from "../core/home_file.ts";

/**
 * The absolute path of a file that somebody names, absolute or relative to the home directory.
 * @throws {ConfigError} for one that is not in the home directory, or that a link leads to
 */
export function pathInHome(home: string, file: string): string {
  const path = file.startsWith("/") ? file : `${home}/${file}`;
  const isInside = path.startsWith(`${home === "/" ? "" : home}/`) && !path.split("/").includes("..");
  if (isInside) return linkFree(home, path);
  const reason = `it is not in the home directory ${home}, and nothing is read or written elsewhere`;
  throw new ConfigError("not_in_home", `Cannot use ${file}: ${reason}`);
}
