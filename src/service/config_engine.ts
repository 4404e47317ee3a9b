import type { LoadedConfig } from "../config/mod.ts";

/** What a changed part must show before the change counts. */
export interface Trial {
  /**
   * connected: new sources, and changed ones that were connected before. not_halted: as these, but a device that is only
   * away for now may come later. nothing: what starts may take as long as it takes.
   */
  readonly waitFor: "connected" | "not_halted" | "nothing";
  /** Then the change is taken back. */
  readonly withinMs: number;
}

/** A connector that runs, as something whose configuration changes. */
export interface ConfigEngine {
  /** What it runs by. */
  readonly loaded: LoadedConfig;
  /**
   * Goes over to another configuration. Sources that do not change keep their sessions.
   * @throws {ConfigError} `change_not_applied` with the reason, when what is new does not start; then the old one runs on
   */
  change(next: LoadedConfig, trial: Trial): Promise<void>;
}
