import type { LoadedConfig } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import type { Trial } from "../service/config_engine.ts";
import { type Effects, effectsOf } from "../service/effects.ts";
import type { LiveLanes } from "./live_lanes.ts";
import type { LiveSources } from "./live_sources.ts";
import { laneOf } from "./source_parts.ts";
import type { Telemetry } from "./telemetry.ts";
import { type Expected, fault, upNow } from "./trial.ts";

export interface LiveOptions {
  readonly loaded: LoadedConfig;
  readonly sources: LiveSources;
  readonly lanes: LiveLanes;
  readonly telemetry: Pick<Telemetry, "board" | "know" | "forget">;
  readonly clock: Clock;
}

/** What of a connector follows its configuration while it runs: sources, and the lanes to their tables. */
export class Live {
  readonly #options: LiveOptions;
  #loaded: LoadedConfig;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
  }

  get loaded(): LoadedConfig {
    return this.#loaded;
  }

  /** Makes known what `start` will begin, so that nobody takes it for missing. */
  expect(): void {
    const { board } = this.#options.telemetry;
    board.expect({ sources: enabledIn(this.#loaded), lanes: [...lanesOf(this.#loaded)] });
  }

  start(): void {
    this.#begin(this.#loaded, new Set(enabledIn(this.#loaded)));
    this.#options.lanes.addWaiting();
  }

  /**
   * Goes over to sources that are other ones; what does not change is not touched. All that ends has ended before
   * anything begins, since the new may want what the old holds: a serial line, a client id.
   * @throws {ConfigError} when what is new does not start; then all is as it was
   */
  async change(next: LoadedConfig, trial: Trial, signal: AbortSignal): Promise<void> {
    const { telemetry: { board }, clock, lanes } = this.#options;
    const before = this.#loaded;
    const effects = effectsOf(before, next);
    const wasUp = upNow(board);
    const had = new Set(lanes.ids);
    const why = await this.#goOver(next, effects).then(
      () =>
        fault(expectedOf(effects, { wasUp, newLanes: lanes.ids.filter((id) => !had.has(id)) }, trial), trial, {
          board,
          clock,
          signal,
        }),
      reasonOf,
    );
    if (why === undefined) return;
    await this.#goOver(before, effects);
    throw notApplied(why);
  }

  /** Ends every source: what they took is safe, or given back to their devices. Resolves with their names. */
  async stopSources(): Promise<readonly string[]> {
    const { names } = this.#options.sources;
    await this.#options.sources.stop(names);
    return names;
  }

  /** Begins sources again that `stopSources` has ended. */
  resume(names: readonly string[]): void {
    this.#begin(this.#loaded, new Set(names));
  }

  async #goOver(next: LoadedConfig, effects: Effects): Promise<void> {
    const { sources, lanes, telemetry } = this.#options;
    const affected = new Set([...effects.starts, ...effects.stops, ...effects.restarts]);
    const ending = sources.names.filter((name) => affected.has(name));
    await sources.stop(ending);
    telemetry.forget({ sources: ending, lanes: [] });
    telemetry.know(next.sources);
    this.#loaded = next;
    this.#begin(next, affected);
    const gone = await lanes.sweep(lanesOf(next));
    telemetry.forget({ sources: [], lanes: gone });
  }

  #begin({ sources: entries, config }: LoadedConfig, names: ReadonlySet<string>): void {
    const { sources, lanes, telemetry } = this.#options;
    for (const entry of entries) {
      const { name } = entry.config;
      if (!entry.isEnabled || !names.has(name)) continue;
      const lane = laneOf(entry, config);
      telemetry.board.expect({ sources: [name], lanes: [lane.id] });
      lanes.add(lane);
      sources.start(entry, config);
    }
  }
}

/** The sentence for a change that was taken back. */
export function notApplied(why: string): ConfigError {
  return new ConfigError("change_not_applied", `The change was taken back, and the connector runs as before: ${why}`);
}

interface Before {
  readonly wasUp: Expected;
  readonly newLanes: readonly string[];
}

/**
 * What has to come up: what was down before may stay down, or nobody could change anything while a device is away. New
 * tables are waited for only where others can be written.
 */
function expectedOf({ starts, restarts }: Effects, { wasUp, newLanes }: Before, { waitFor }: Trial): Expected {
  if (waitFor === "nothing") return { sources: [], lanes: [] };
  const again = restarts.filter((name) => wasUp.sources.includes(name));
  return { sources: [...starts, ...again], lanes: wasUp.lanes.length > 0 ? newLanes : [] };
}

function enabledIn({ sources }: LoadedConfig): string[] {
  return sources.filter(({ isEnabled }) => isEnabled).map(({ config: { name } }) => name);
}

function lanesOf({ sources, config }: LoadedConfig): Set<string> {
  return new Set(sources.filter(({ isEnabled }) => isEnabled).map((source) => laneOf(source, config).id));
}
