import type { Source, SourceAdapter, SourceConfig, SourceDeps } from "../../core/source.ts";
import { MqttBrowse } from "./browse.ts";
import { Endings } from "./endings.ts";
import { MqttListen } from "./listen.ts";
import type { MqttSettings } from "./settings.ts";
import { MqttSource } from "./source.ts";
import { KnownNodes } from "./sparkplug/known_nodes.ts";

/** A session with the broker in `config`. Nothing is opened before `connect`. */
export function create(
  config: SourceConfig<MqttSettings>,
  deps: SourceDeps,
  nodes: KnownNodes = nodesFor(config),
  endings: Endings = new Endings(),
): Source {
  return new MqttSource(config, deps, { nodes, endings });
}

/**
 * Makes the sessions of one source, one after another. What its Sparkplug nodes said at birth, and how the sessions ended,
 * is kept between them.
 */
export function adapter(): SourceAdapter<MqttSettings> {
  let nodes: KnownNodes | undefined;
  const endings = new Endings();
  return {
    create: (config, deps) => create(config, deps, nodes ??= nodesFor(config), endings),
    browse: (config, deps) => new MqttBrowse(config, deps),
    listen: (config, deps) => new MqttListen(config, deps),
  };
}

function nodesFor({ settings: { sparkplug } }: SourceConfig<MqttSettings>): KnownNodes {
  return new KnownNodes({ maxNodes: sparkplug.max_nodes, maxMetrics: sparkplug.max_metrics });
}
