/** What a change through pages and API may not do, since nothing there could put it right again. */
import { isSame, type LoadedConfig, type StatePatch } from "../config/mod.ts";
import { ConfigError } from "../core/error.ts";

/** More than any configuration needs; readers of values go one level of calls deeper with each. */
const MAX_DEPTH = 64;
/** Keys of `gui` by which pages and API are reached. */
const REACH = ["bind", "port", "tls", "plain_http", "allowed_hosts", "trusted_proxies"] as const;

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

/** A sentence for each key by which whoever makes the change may lose the way to the pages. */
export function reachWarnings({ config: { gui: before } }: LoadedConfig, { config: { gui } }: LoadedConfig): string[] {
  return REACH.filter((key) => !isSame(before[key], gui[key])).map((key) =>
    `gui.${key} changes: pages and API may not be reached any more in the way that you reach them now. ` +
    "Without them, config/connector_state.json on the host holds the change"
  );
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function unfit(why: string, path?: string): ConfigError {
  return new ConfigError("change_unfit", `The change is not taken: ${why}`, path === undefined ? {} : { path });
}
