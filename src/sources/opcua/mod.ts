import type { BrowseSession } from "../../core/browse.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import { OpcuaBrowseSession } from "./browse_session.ts";
import { newServerMemory, type ServerMemory } from "./server_memory.ts";
import type { OpcuaSettings } from "./settings.ts";
import { OpcuaSource } from "./source.ts";

/** Makes sessions. Those that one adapter makes of the same `config` object know what the ones before learned. */
export interface OpcuaAdapter {
  /** A session with the server in `config`. Nothing is opened before `connect`. */
  create(config: SourceConfig<OpcuaSettings>, deps: SourceDeps): Source;
  /** A session of its own that shows the server's nodes. */
  browse(config: SourceConfig<OpcuaSettings>, deps: SourceDeps): BrowseSession;
}

export function opcuaAdapter(): OpcuaAdapter {
  const memories = new WeakMap<SourceConfig<OpcuaSettings>, ServerMemory>();
  return {
    create(config, deps) {
      let memory = memories.get(config);
      if (!memory) {
        const { endpoint, settings: { nodes } } = config;
        memories.set(config, memory = newServerMemory({ endpoint, nodes }, deps.memory));
      }
      return new OpcuaSource(config, deps, memory);
    },
    browse: (config, deps) => new OpcuaBrowseSession(config, deps),
  };
}
