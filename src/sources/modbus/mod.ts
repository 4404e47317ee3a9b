import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import type { ModbusSettings } from "./settings.ts";
import { ModbusSource } from "./source.ts";

/** A session with the device in `config`. Nothing is opened before `connect`. */
export function create(config: SourceConfig<ModbusSettings>, deps: SourceDeps): Source {
  return new ModbusSource(config, deps);
}
