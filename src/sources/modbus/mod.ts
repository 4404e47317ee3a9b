import type { SourceAdapter, SourceConfig } from "../../core/source.ts";
import { ModbusBrowse } from "./browse.ts";
import { type DeviceMemory, newDeviceMemory } from "./device_memory.ts";
import { ModbusLab } from "./lab.ts";
import type { ModbusSettings } from "./settings.ts";
import { ModbusSource } from "./source.ts";
import { TagFailures } from "./tag_failures.ts";

/**
 * Makes sessions. Those that one adapter makes of the same `config` object go on where the one before ended. Which tags
 * fail is a matter of the source: its other endpoints have other `config`s, and the same `settings` object.
 */
export function modbusAdapter(): SourceAdapter<ModbusSettings> {
  const memories = new WeakMap<SourceConfig<ModbusSettings>, DeviceMemory>();
  const failing = new WeakMap<ModbusSettings, TagFailures>();
  return {
    create(config, deps) {
      let failures = failing.get(config.settings);
      if (!failures) failing.set(config.settings, failures = new TagFailures());
      let memory = memories.get(config);
      if (!memory) memories.set(config, memory = newDeviceMemory(config, deps, failures));
      return new ModbusSource(config, deps, memory);
    },
    browse: (config, deps) => new ModbusBrowse(config, deps),
    lab: (config, deps) => new ModbusLab(config, deps),
  };
}
