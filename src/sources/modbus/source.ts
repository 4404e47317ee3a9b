import { ConfigError } from "../../core/error.ts";
import type { Batch } from "../../core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import { ModbusConnection } from "./connection.ts";
import type { DeviceMemory } from "./device_memory.ts";
import { parseModbusEndpoint } from "./endpoint.ts";
import { Link } from "./link.ts";
import { Poller } from "./poller.ts";
import type { ModbusSettings } from "./settings.ts";

/** A session with one Modbus TCP device or gateway. */
export class ModbusSource implements Source {
  readonly #config: SourceConfig<ModbusSettings>;
  readonly #deps: SourceDeps;
  readonly #memory: DeviceMemory;
  #link: Link | undefined;
  #isDisposed = false;

  /** `memory` is that of all sessions with the device. */
  constructor(config: SourceConfig<ModbusSettings>, deps: SourceDeps, memory: DeviceMemory) {
    this.#config = config;
    this.#deps = deps;
    this.#memory = memory;
  }

  /** The connection is TCP's alone: that the device answers shows with the first request. */
  async connect(signal: AbortSignal): Promise<void> {
    const endpoint = parseModbusEndpoint(this.#config.endpoint);
    if (endpoint?.type !== "tcp") {
      throw new ConfigError(
        "modbus_endpoint",
        `Cannot connect to ${this.#config.endpoint}: use modbus+tcp://host:port`,
      );
    }
    const { hostname, port } = endpoint;
    const connectDelayMs = this.#config.settings.connect_delay_ms;
    const { clock, pace } = this.#deps;
    const onLate = (slaveId: number, afterMs: number) => this.#memory.units.answeredLate(slaveId, afterMs);
    const options = { hostname, port, timeoutMs: this.#timeoutMs, clock, onLate };
    const open = (attempt: AbortSignal) => ModbusConnection.open({ ...options, signal: attempt });
    this.#link = new Link({ open, clock, pace, connectDelayMs });
    if (this.#isDisposed) await this.#link[Symbol.asyncDispose]();
    await this.#link.connect(signal);
  }

  batches(signal: AbortSignal): AsyncIterable<Batch> {
    if (!this.#link) throw new TypeError("connect() comes before batches()");
    const options = {
      deps: this.#deps,
      timeoutMs: this.#timeoutMs,
      requestDelayMs: this.#config.settings.request_delay_ms,
    };
    return new Poller(this.#link, this.#memory, options).batches(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#link?.[Symbol.asyncDispose]();
  }

  get #timeoutMs(): number {
    return this.#config.settings.timeout_seconds * 1000;
  }
}
