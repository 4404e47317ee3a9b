/** What commands and pages work with that look after a connector, whether it runs or not. */
import type { MissingRange, Progress, Sealing, SpoolDesk, SpoolKey, SpoolTools } from "../buffer/spool/mod.ts";
import type { LoadedConfig } from "../config/mod.ts";

export type { MissingRange, Progress, Sealing, SpoolDesk, SpoolKey, SpoolTools };

/** The spool to look at, and to take dead letters away from. */
export type Desk = SpoolDesk & Pick<SpoolTools, "purge">;

/** One connector: its home, its configuration, and its spool for as long as the workplace is there. */
export interface Workplace {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly loaded: LoadedConfig;
  /** @throws {ConfigError} when the spool cannot be had now, saying why */
  desk(): Promise<Desk>;
  /** The spool to change. @throws {ConfigError} as above */
  tools(): Promise<SpoolTools>;
}

/** That of a connector that runs; its configuration may be another one with each look. */
export function runningWorkplace(place: Pick<Workplace, "home" | "loaded">, tools: SpoolTools): Workplace {
  return {
    home: place.home,
    get loaded() {
      return place.loaded;
    },
    desk: () => Promise.resolve(tools),
    tools: () => Promise.resolve(tools),
  };
}
