import type { Clock } from "../../core/clock.ts";
import { ConnectionError } from "../../core/error.ts";
import type { Pace } from "../../core/source.ts";
import type { Outcome } from "./outcome.ts";
import type { ReadRange } from "./pdu.ts";

/** One connection to a device, gateway or line. */
export interface Connection extends AsyncDisposable {
  /** Aborts, with a `ConnectionError` as its reason, when the connection is over. */
  readonly lost: AbortSignal;
  /** The device closed it after it had answered here: another connection to it is worth making at once. */
  readonly isWorthReopening: boolean;
  /**
   * Sends one request and waits for its answer; never called while another waits.
   * @throws {AnswerError} the connection ended meanwhile @throws {ConnectionError} it was over before
   */
  read(range: ReadRange): Promise<Outcome>;
}

export interface LinkOptions {
  /**
   * Makes a connection.
   * @throws {ConnectionError} when nothing answers there in time @throws the signal's reason when it aborts first
   */
  open(signal: AbortSignal): Promise<Connection>;
  readonly clock: Clock;
  /** Spaces the requests, those that are sent again through a new connection included. */
  readonly pace?: Pace | undefined;
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
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;

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
      await this.#options.pace?.turn(this.#lost.signal);
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

  async #current(): Promise<Connection> {
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

  async #open(signal: AbortSignal): Promise<Connection> {
    const { connectDelayMs, clock } = this.#options;
    this.#opening = this.#options.open(signal);
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
