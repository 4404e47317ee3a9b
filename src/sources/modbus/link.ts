import { ConnectionError } from "../../core/error.ts";
import { type ConnectionOptions, ModbusConnection, type Outcome } from "./connection.ts";
import type { ReadRange } from "./mbap.ts";

export interface LinkOptions extends Omit<ConnectionOptions, "signal"> {
  /** Rest between connecting and the first request. */
  readonly connectDelayMs: number;
}

/**
 * The connections of one session, one after another. Some devices close the connection after each answer, others when
 * it has been quiet for long: the next request goes through a new one then. One that gave no answer at all is not made
 * again, so there are never more connections than answers, and one.
 */
export class Link implements AsyncDisposable {
  readonly #options: LinkOptions;
  readonly #lost = new AbortController();
  #connection: ModbusConnection | undefined;
  #opening: Promise<ModbusConnection> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** @throws {ConnectionError} when nothing answers there in time @throws the signal's reason when it aborts first */
  async connect(signal: AbortSignal): Promise<void> {
    await this.#open(AbortSignal.any([signal, this.#lost.signal]));
  }

  /** Aborts, with a `ConnectionError` as its reason, when the session is over. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Sends one request and waits for its answer; never called while another waits.
   * @throws {AnswerError} the request ended the connection @throws {ConnectionError} the session is over
   */
  async read(range: ReadRange): Promise<Outcome> {
    while (true) {
      const connection = await this.#current();
      try {
        return await connection.read(range);
      } catch (error) {
        if (!connection.isWorthReopening) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new ConnectionError("modbus_closed", "The connection was closed here"));
    await this.#opening?.catch(() => {/* whoever reads hears of it */});
    await this.#connection?.[Symbol.asyncDispose]();
  }

  async #current(): Promise<ModbusConnection> {
    const connection = this.#connection;
    if (!connection) throw new TypeError("connect() comes before read()");
    if (!connection.lost.aborted || !connection.isWorthReopening) return connection;
    try {
      return await this.#open(this.#lost.signal);
    } catch (error) {
      this.#end(error);
      throw error;
    }
  }

  async #open(signal: AbortSignal): Promise<ModbusConnection> {
    const { connectDelayMs, clock } = this.#options;
    this.#opening = ModbusConnection.open({ ...this.#options, signal });
    const connection = this.#connection = await this.#opening;
    connection.lost.addEventListener("abort", () => {
      if (!connection.isWorthReopening) this.#end(connection.lost.reason);
    }, { once: true });
    if (connection.lost.aborted) this.#end(connection.lost.reason); // before the listener was there
    if (connectDelayMs > 0) await clock.sleep(connectDelayMs, signal);
    return connection;
  }

  #end(reason: unknown): void {
    this.#lost.abort(reason);
  }
}
