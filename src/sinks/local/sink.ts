import type { BronzeMessage } from "../../bronze/message.ts";
import { ConnectionError } from "../../core/error.ts";
import type { Lane } from "../../core/lane.ts";
import type { Rows } from "../../core/reading.ts";
import type { SendResult, Sink } from "../../core/sink.ts";
import type { OpenTable, TableWriter } from "./open_table.ts";

/** The way of one lane into the local database. */
export class LocalSink implements Sink {
  readonly #database: TableWriter;
  readonly #lane: Lane;
  readonly #message: BronzeMessage<never>;
  #way: OpenTable | undefined;
  #isDisposed = false;

  constructor(database: TableWriter, lane: Lane, message: BronzeMessage<never>) {
    this.#database = database;
    this.#lane = lane;
    this.#message = message;
  }

  async connect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isDisposed && this.#way?.isBroken === false) return;
    const way = await this.#database.openTable(this.#lane.table, this.#message, signal);
    if (this.#isDisposed) throw new ConnectionError("local_sink_closed", "The local sink was closed");
    this.#way = way;
  }

  async send(rows: Rows, signal: AbortSignal): Promise<SendResult> {
    signal.throwIfAborted();
    if (!this.#way || this.#way.isBroken) throw notConnected(this.#lane);
    return { rejected: await this.#database.write(this.#way, rows, signal) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    if (this.#way) this.#way.isBroken = true;
    return Promise.resolve();
  }
}

function notConnected({ table }: Lane): ConnectionError {
  return new ConnectionError(
    "local_sink_not_connected",
    `There is no way to ${table} in the local file: connect first`,
  );
}
