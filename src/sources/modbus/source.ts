import type { Batch } from "../../core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import type { DeviceMemory } from "./device_memory.ts";
import { Link } from "./link.ts";
import { answerTimeoutMs, openConnection, silenceText } from "./open_connection.ts";
import { Poller } from "./poller.ts";
import type { ModbusSettings } from "./settings.ts";

/** A session with one Modbus device, gateway or line. */
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

  /** A connection says nothing of the device: that it answers shows with the first request. */
  async connect(signal: AbortSignal): Promise<void> {
    const { clock, report, pace } = this.#deps;
    const onLate = (slaveId: number, afterMs: number) => this.#memory.units.answeredLate(slaveId, afterMs);
    const { abandoned } = this.#memory;
    const open = (attempt: AbortSignal) => openConnection(this.#config, { clock, report, onLate, abandoned }, attempt);
    const connectDelayMs = this.#config.settings.connect_delay_ms;
    this.#link = new Link({ open, clock, pace, connectDelayMs });
    if (this.#isDisposed) await this.#link[Symbol.asyncDispose]();
    await this.#link.connect(signal);
  }

  batches(signal: AbortSignal): AsyncIterable<Batch> {
    if (!this.#link) throw new TypeError("connect() comes before batches()");
    const options = {
      deps: this.#deps,
      timeoutMs: answerTimeoutMs(this.#config),
      silence: silenceText(this.#config),
      requestDelayMs: this.#config.settings.request_delay_ms,
    };
    return new Poller(this.#link, this.#memory, options).batches(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#link?.[Symbol.asyncDispose]();
  }
}
