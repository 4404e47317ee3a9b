import { ConnectionError } from "../../core/error.ts";
import type { Batch } from "../../core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import type { OpcuaSettings } from "./settings.ts";

/** A session with one OPC UA server. */
export class OpcuaSource implements Source {
  readonly #config: SourceConfig<OpcuaSettings>;

  constructor(config: SourceConfig<OpcuaSettings>, _deps: SourceDeps) {
    this.#config = config;
  }

  connect(_signal: AbortSignal): Promise<void> {
    return Promise.reject(new ConnectionError("opcua_unreachable", `Cannot reach ${this.#config.endpoint}`));
  }

  async *batches(_signal: AbortSignal): AsyncIterable<Batch> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
