/** What a change through pages and API may not do, since nothing there could put it right again. */
import { type LoadedConfig, STATE_FILE, type StatePatch } from "../config/mod.ts";
import { ConfigError } from "../core/error.ts";

/** More than any configuration needs; readers of values go one level of calls deeper with each. */
const MAX_DEPTH = 64;

/** @throws {ConfigError} `change_unfit`, for values that lie too deep within one another */
export function refuseDepth(change: StatePatch): void {
  let level: unknown[] = [change];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw unfit(`its values lie more than ${MAX_DEPTH} deep within one another`);
    level = level.flatMap((value) => isNested(value) ? Object.values(value).filter(isNested) : []);
  }
}

/** @throws {ConfigError} `change_unfit`, where pages and API would be closed by it */
export function refuseLockout(before: LoadedConfig, next: LoadedConfig): void {
  if (!before.config.gui.enabled || next.config.gui.enabled) return;
  const message = "gui.enabled: false would close the pages and the API, and nothing there could open them again. " +
    `Write it into ${before.file}, and load that with SIGHUP`;
  throw unfit(message, "gui.enabled");
}

/** @throws {ConfigError} `config_read_only`, with both ways to change something all the same */
export function refuseReadOnly({ config, file, made: { origins } }: LoadedConfig, home: string): void {
  if (!config.gui.read_only) return;
  const base = home === "/" ? "" : home;
  const path = file.startsWith("/") ? file : `${base}/${file}`;
  const lifting = origins["gui.read_only"] === "state"
    ? `. gui.read_only itself was set by a change: take it out of ${base}/${STATE_FILE}, and load that in the same way`
    : "";
  const message =
    `The configuration is changed by files alone here (gui.read_only): edit ${path} on the host, and load ` +
    `it with SIGHUP (systemctl reload), or with POST /api/config/reload${lifting}`;
  throw new ConfigError("config_read_only", message, { path: "gui.read_only" });
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function unfit(why: string, path?: string): ConfigError {
  return new ConfigError("change_unfit", `The change is not taken: ${why}`, path === undefined ? {} : { path });
}
