import { ConnectionError } from "../../core/error.ts";
import type { Batch } from "../../core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import type { ModbusSettings } from "./settings.ts";

/** A session with one Modbus device or gateway. */
export class ModbusSource implements Source {
  readonly #config: SourceConfig<ModbusSettings>;

  constructor(config: SourceConfig<ModbusSettings>, _deps: SourceDeps) {
    this.#config = config;
  }

  connect(_signal: AbortSignal): Promise<void> {
    return Promise.reject(new ConnectionError("modbus_unreachable", `Cannot reach ${this.#config.endpoint}`));
  }

  async *batches(_signal: AbortSignal): AsyncIterable<Batch> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
