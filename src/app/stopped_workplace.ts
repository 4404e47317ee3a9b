import { SpoolBuffer } from "../buffer/spool/mod.ts";
import type { Config, LoadedConfig } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { ConfigError } from "../core/error.ts";
import type { Logger } from "../core/logger.ts";
import { VERSION } from "../lib/version.ts";
import { beginBoot } from "../pipeline/mod.ts";
import { openSpoolAdmin } from "../service/spool_admin.ts";
import type { Desk, SpoolTools, Workplace } from "../service/workplace.ts";
import { Metrics, telemetryReport } from "../telemetry/mod.ts";
import { openBuffer } from "./buffer.ts";
import { otherUserFault } from "./home_owners.ts";
import { hostMark } from "./host_mark.ts";
import { processUse } from "./telemetry.ts";

export interface StoppedWorkplaceOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly loaded: LoadedConfig;
  readonly clock: Clock;
  /** Of who gives the command; null where there are no such. */
  readonly uid: number | null;
  /** Whether it is opened to change something, or to write what is in it to a file. */
  readonly isChanged: boolean;
  /** Told what goes wrong with the spool meanwhile. */
  readonly log: Logger;
}

/** That of a connector that does not run. Its spool is opened when it is asked for, and closed with the workplace. */
export class StoppedWorkplace implements Workplace, AsyncDisposable {
  readonly home: string;
  readonly loaded: LoadedConfig;
  readonly #options: StoppedWorkplaceOptions;
  readonly #resources = new AsyncDisposableStack();

  /** @throws {ConfigError} when what would be written is another user's */
  constructor(options: StoppedWorkplaceOptions) {
    if (options.isChanged) refuseOtherUser(options);
    this.home = options.home;
    this.loaded = options.loaded;
    this.#options = options;
  }

  async desk(): Promise<Desk> {
    return this.#resources.use(await this.#admin());
  }

  /** The connector's own buffer, with no source and no sink: rows that come to it wait for the next start. */
  async tools(): Promise<SpoolTools> {
    (await this.#admin())[Symbol.dispose](); // it says why the spool cannot be had, and changes nothing
    const { home, loaded: { config }, clock } = this.#options;
    const identity = beginBoot(home, clock, hostMark());
    const place = { home, identity, clock, report: this.#report(), tap: undefined };
    const buffer = this.#resources.use(await openBuffer(onDisk(config), place));
    if (!(buffer instanceof SpoolBuffer)) throw new TypeError("a buffer on disk is no spool");
    return buffer.tools;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  #admin() {
    const { home, loaded: { config }, clock } = this.#options;
    return openSpoolAdmin({ config, home, clock });
  }

  #report() {
    const { clock, log } = this.#options;
    const metrics = new Metrics({ version: VERSION, startedUs: clock.nowUs(), processUse });
    return telemetryReport({ log, metrics, clock, protocolOf: () => "none" }).report;
  }
}

/** What root writes in the home of another user, that user's connector could not open any more. */
function refuseOtherUser({ home, loaded: { config }, uid }: StoppedWorkplaceOptions): void {
  const fault = otherUserFault({ home, spool: config.backpressure.disk_spool.path, uid });
  if (fault !== undefined) throw new ConfigError("other_user", fault);
}

/** What an earlier start left in the spool is there whether the present configuration keeps rows in it or not. */
function onDisk({ backpressure, ...rest }: Config): Config {
  return {
    ...rest,
    backpressure: {
      ...backpressure,
      durability: "disk",
      disk_spool: { ...backpressure.disk_spool, enabled: true },
    },
  };
}
