/** What commands and pages work with that look after a connector, whether it runs or not. */
import type { MissingRange, Progress, Sealing, SpoolDesk, SpoolTools } from "../buffer/spool/mod.ts";
import type { LoadedConfig } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { openSpoolAdmin, openSpoolTools } from "./spool_admin.ts";

export type { MissingRange, Progress, Sealing, SpoolDesk, SpoolTools };

/** One connector: its home, its configuration, and its spool for as long as the workplace is there. */
export interface Workplace {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly loaded: LoadedConfig;
  /** The spool to look at. @throws {ConfigError} when it cannot be had now, saying why */
  desk(): Promise<SpoolDesk>;
  /** The spool to change. @throws {ConfigError} as above */
  tools(): Promise<SpoolTools>;
}

/** That of a connector that runs. */
export function runningWorkplace(place: Pick<Workplace, "home" | "loaded">, tools: SpoolTools): Workplace {
  return { ...place, desk: () => Promise.resolve(tools), tools: () => Promise.resolve(tools) };
}

/** That of a connector that does not run. Its spool is opened when it is asked for, once, and closed with the workplace. */
export class StoppedWorkplace implements Workplace, AsyncDisposable {
  readonly home: string;
  readonly loaded: LoadedConfig;
  readonly #clock: Clock;
  readonly #resources = new AsyncDisposableStack();

  constructor({ home, loaded }: Pick<Workplace, "home" | "loaded">, clock: Clock) {
    this.home = home;
    this.loaded = loaded;
    this.#clock = clock;
  }

  async desk(): Promise<SpoolDesk> {
    return this.#resources.use(await openSpoolAdmin(this.#spoolHome));
  }

  async tools(): Promise<SpoolTools> {
    return this.#resources.use(await openSpoolTools(this.#spoolHome));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  get #spoolHome() {
    return { config: this.loaded.config, home: this.home, clock: this.#clock };
  }
}
