import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import { type DeviceMemory, newDeviceMemory } from "./device_memory.ts";
import type { ModbusSettings } from "./settings.ts";
import { ModbusSource } from "./source.ts";

/** Makes sessions. Those that one adapter makes of the same `config` object go on where the one before ended. */
export interface ModbusAdapter {
  /** A session with the device in `config`. Nothing is opened before `connect`. */
  create(config: SourceConfig<ModbusSettings>, deps: SourceDeps): Source;
}

export function modbusAdapter(): ModbusAdapter {
  const memories = new WeakMap<SourceConfig<ModbusSettings>, DeviceMemory>();
  return {
    create(config, deps) {
      let memory = memories.get(config);
      if (!memory) memories.set(config, memory = newDeviceMemory(config, deps));
      return new ModbusSource(config, deps, memory);
    },
  };
}
