/** What a person wants to know of a spool, and how it is opened while no connector runs. */
import type { LedgerSnapshot } from "../buffer/ledger.ts";
import { type LaneLevel, SpoolAdmin, type SpoolDesk, type SpoolPlace, UPLOAD_FILE } from "../buffer/spool/mod.ts";
import type { Config } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { linkFree } from "../core/home_file.ts";

const MEGABYTE = 1024 * 1024;

/** Where the configuration puts the spool. `home`: absolute path. @throws {ConfigError} when a link is on the way there */
export function spoolPlace({ backpressure: { disk_spool } }: Config, home: string): SpoolPlace {
  return {
    directory: linkFree(home, `${home}/${disk_spool.path}`),
    keyPath: linkFree(home, `${home}/${disk_spool.encryption_key_path}`),
  };
}

/** Where a file of rows lies while it is taken in. @throws {ConfigError} as above */
export function uploadPath(config: Config, home: string): string {
  return `${spoolPlace(config, home).directory}/${UPLOAD_FILE}`;
}

export interface SpoolHome {
  readonly config: Config;
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
}

/** Opens the spool of a connector that does not run. @throws {ConfigError} when it cannot be used now, saying why */
export async function openSpoolAdmin({ config, home, clock }: SpoolHome): Promise<SpoolAdmin> {
  return await SpoolAdmin.open(spoolPlace(config, home), clock);
}

/** How a spool stands. */
export interface SpoolStat {
  readonly lanes: readonly LaneLevel[];
  /** Of all lanes together. */
  readonly total: Omit<LaneLevel, "lane">;
  /** Sealed bytes that it may hold. */
  readonly maxBytes: number;
  readonly ledger: LedgerSnapshot;
}

export function spoolStat(spool: SpoolDesk, config: Config): SpoolStat {
  const lanes = spool.lanes();
  const times = lanes.flatMap(({ oldestUs }) => oldestUs ?? []);
  const total = {
    rows: lanes.reduce((sum, { rows }) => sum + rows, 0),
    bytes: lanes.reduce((sum, { bytes }) => sum + bytes, 0),
    oldestUs: times.length > 0 ? Math.min(...times) : undefined,
  };
  return { lanes, total, maxBytes: config.backpressure.disk_spool.max_size_mb * MEGABYTE, ledger: spool.ledger() };
}
