import { hidePassword, type SourceEntry } from "../config/mod.ts";
import type { Access, Caller } from "./access.ts";

/**
 * Notes that somebody has the connector connect to an address that is not saved, before it does: the answer tells open from
 * closed. The same within five minutes is counted.
 * @throws {ConfigError} `audit_not_written`
 */
export function noteLook(access: Access, by: Caller, { config, alternates }: SourceEntry, how: string): void {
  const places = [config, ...alternates].map(({ endpoint }) => hidePassword(endpoint)).join(", ");
  access.noteOften(by, "device.looked", places.slice(0, 1000), { how, source: config.name });
}
