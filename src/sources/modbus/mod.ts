import type { SourceAdapter, SourceConfig } from "../../core/source.ts";
import { ModbusBrowse } from "./browse.ts";
import { type DeviceMemory, newDeviceMemory } from "./device_memory.ts";
import type { ModbusSettings } from "./settings.ts";
import { ModbusSource } from "./source.ts";

/** Makes sessions. Those that one adapter makes of the same `config` object go on where the one before ended. */
export function modbusAdapter(): SourceAdapter<ModbusSettings> {
  const memories = new WeakMap<SourceConfig<ModbusSettings>, DeviceMemory>();
  return {
    create(config, deps) {
      let memory = memories.get(config);
      if (!memory) memories.set(config, memory = newDeviceMemory(config, deps));
      return new ModbusSource(config, deps, memory);
    },
    browse: (config, deps) => new ModbusBrowse(config, deps),
  };
}
