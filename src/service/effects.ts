/** What a change of the configuration does to a connector that runs. */
import { type Config, isSame, type LoadedConfig, type SourceEntry } from "../config/mod.ts";

/** Names of sources, in the order of the configuration. */
export interface Effects {
  readonly starts: readonly string[];
  readonly stops: readonly string[];
  /** Those that are ended and begun anew with other settings. */
  readonly restarts: readonly string[];
  /** Blocks by which the whole connector starts anew, inside its process; empty where it need not. */
  readonly connector: readonly string[];
}

export function effectsOf(before: LoadedConfig, after: LoadedConfig): Effects {
  const connector = blocksThatDiffer(before.config, after.config);
  const [old, now] = [enabledIn(before), enabledIn(after)];
  const changed = (name: string) =>
    connector.length > 0 || !isSame(settingsOf(old.get(name)), settingsOf(now.get(name)));
  return {
    starts: [...now.keys()].filter((name) => !old.has(name)),
    stops: [...old.keys()].filter((name) => !now.has(name)),
    restarts: [...now.keys()].filter((name) => old.has(name) && changed(name)),
    connector,
  };
}

function enabledIn({ sources }: LoadedConfig): Map<string, SourceEntry> {
  return new Map(sources.filter(({ isEnabled }) => isEnabled).map((source) => [source.config.name, source]));
}

/** All that an entry says; its protocol by name, since that is what chooses the code. */
function settingsOf(source: SourceEntry | undefined): unknown {
  return source && { ...source, spec: source.spec.type };
}

function blocksThatDiffer(before: Config, after: Config): string[] {
  const [old, now] = [withoutLive(before), withoutLive(after)];
  return Object.keys(now).filter((key) => !isSame(old[key], now[key]));
}

/** What takes effect without a new start, by path. */
export const LIVE_KEYS = ["sources", "gui.read_only", "deployment.shutdown"] as const;

/** Without what takes effect by being read when it is needed: `LIVE_KEYS`. */
function withoutLive({ sources: _sources, gui, deployment, ...rest }: Config): Record<string, unknown> {
  const { read_only: _readOnly, ...listener } = gui;
  const { shutdown: _shutdown, ...installation } = deployment;
  return { ...rest, gui: listener, deployment: installation };
}
