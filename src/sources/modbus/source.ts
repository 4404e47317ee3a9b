import { ConfigError } from "../../core/error.ts";
import type { Batch } from "../../core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import { ModbusConnection } from "./connection.ts";
import { parseModbusEndpoint } from "./endpoint.ts";
import { mappingsOf } from "./mapping.ts";
import { planRequests, type ReadRequest } from "./plan.ts";
import { Poller } from "./poller.ts";
import type { ModbusSettings } from "./settings.ts";

/** A session with one Modbus TCP device or gateway. */
export class ModbusSource implements Source {
  readonly #config: SourceConfig<ModbusSettings>;
  readonly #deps: SourceDeps;
  readonly #requests: readonly ReadRequest[];
  #connection: ModbusConnection | undefined;
  #isDisposed = false;

  constructor(config: SourceConfig<ModbusSettings>, deps: SourceDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#requests = planRequests(mappingsOf(config.settings), {
      maxRegisters: config.settings.max_registers_per_request,
      maxCoils: config.settings.max_coils_per_request,
      readGap: config.settings.read_gap,
    });
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
    const { clock } = this.#deps;
    const connection = await ModbusConnection.open({ hostname, port, timeoutMs: this.#timeoutMs, clock, signal });
    this.#connection = connection;
    if (this.#isDisposed) await connection[Symbol.asyncDispose]();
    signal.throwIfAborted();
    const restMs = this.#config.settings.connect_delay_ms;
    if (restMs > 0) await clock.sleep(restMs, signal);
  }

  batches(signal: AbortSignal): AsyncIterable<Batch> {
    if (!this.#connection) throw new TypeError("connect() comes before batches()");
    const options = {
      deps: this.#deps,
      timeoutMs: this.#timeoutMs,
      requestDelayMs: this.#config.settings.request_delay_ms,
    };
    return new Poller(this.#connection, this.#requests, options).batches(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#connection?.[Symbol.asyncDispose]();
  }

  get #timeoutMs(): number {
    return this.#config.settings.timeout_seconds * 1000;
  }
}
