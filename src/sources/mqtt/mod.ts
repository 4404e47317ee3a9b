import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import type { MqttSettings } from "./settings.ts";
import { MqttSource } from "./source.ts";

/** A session with the broker in `config`. Nothing is opened before `connect`. */
export function create(config: SourceConfig<MqttSettings>, deps: SourceDeps): Source {
  return new MqttSource(config, deps);
}
