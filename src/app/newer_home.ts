import { formatOf, SPOOL_FORMAT } from "../buffer/spool/mod.ts";
import type { Config } from "../config/mod.ts";
import { ConfigError } from "../core/error.ts";
import { spoolPlace } from "../service/spool_admin.ts";

/**
 * Refuses a home whose spool a newer version has used, before anything in it is changed. The configuration, the state of
 * the pages and the identity say by themselves which version they are of when they are read.
 * @throws {ConfigError} saying which formats these are
 */
export function refuseNewerHome(config: Config, home: string): void {
  const { directory } = spoolPlace(config, home);
  const format = formatOf(directory);
  if (format === undefined || format <= SPOOL_FORMAT) return;
  const message = `The spool in ${directory} has format ${format}, and this version of the connector knows ` +
    `${SPOOL_FORMAT}: a newer version has used this home directory. Start that version, or restore a backup that this ` +
    "one has made. Nothing was changed";
  throw new ConfigError("home_newer", message, { path: "backpressure.disk_spool.path" });
}
