import { ConnectionError } from "../../core/error.ts";
import type { Batch } from "../../core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import type { MqttSettings } from "./settings.ts";

/** A session with one broker. */
export class MqttSource implements Source {
  readonly #config: SourceConfig<MqttSettings>;

  constructor(config: SourceConfig<MqttSettings>, _deps: SourceDeps) {
    this.#config = config;
  }

  connect(_signal: AbortSignal): Promise<void> {
    return Promise.reject(new ConnectionError("mqtt_unreachable", `Cannot reach ${this.#config.endpoint}`));
  }

  async *batches(_signal: AbortSignal): AsyncIterable<Batch> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
