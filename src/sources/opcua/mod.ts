import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import type { OpcuaSettings } from "./settings.ts";
import { OpcuaSource } from "./source.ts";

/** A session with the server in `config`. Nothing is opened before `connect`. */
export function create(config: SourceConfig<OpcuaSettings>, deps: SourceDeps): Source {
  return new OpcuaSource(config, deps);
}
