import type { Clock } from "../../../core/clock.ts";
import { ConnectionError, reasonOf } from "../../../core/error.ts";
import { Condition } from "../../../lib/condition.ts";
import { within } from "../../../lib/within.ts";
import { dial, type DialOptions } from "../tcp_dial.ts";
import type { ByteLine } from "./byte_line.ts";

/** What a gateway sends and nobody asked for is kept up to here, and then the oldest of it forgotten. */
const MAX_BYTES = 4096;

/** The bytes of a TCP connection to a gateway that passes them on to its line as they are. */
export class TcpLine implements ByteLine {
  readonly kind = "remote";
  readonly name: string;
  /** The gateway sees to the silence on its line. */
  readonly silenceMs = 0;
  readonly #conn: Deno.TcpConn;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  readonly #arrival = new Condition();
  readonly #receiving: Promise<void>;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();

  private constructor(conn: Deno.TcpConn, { hostname, port, clock }: DialOptions) {
    this.#conn = conn;
    this.#clock = clock;
    this.name = `${hostname}:${port}`;
    this.#receiving = this.#receive();
  }

  /** @throws {ConnectionError} when nothing answers there in time @throws the signal's reason when it aborts first */
  static async open(options: DialOptions): Promise<TcpLine> {
    return new TcpLine(await dial(options), options);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  transferMs(): number {
    return 0;
  }

  async send(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.lost.throwIfAborted();
    try {
      if (await this.#conn.write(bytes) < bytes.length) throw new Error("the connection took part of a request");
    } catch (error) {
      this.#end(reasonOf(error), error);
      throw this.lost.reason;
    }
  }

  async receive(withinMs: number): Promise<Uint8Array> {
    if (this.#bytes.length === 0 && !this.lost.aborted && withinMs > 0) {
      await within(this.#arrival.wait(), withinMs, this.#clock);
    }
    if (this.#bytes.length === 0) this.lost.throwIfAborted();
    const bytes = this.#bytes;
    this.#bytes = new Uint8Array();
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end("it was closed here");
    await this.#receiving;
  }

  async #receive(): Promise<void> {
    const space = new Uint8Array(MAX_BYTES);
    try {
      while (!this.lost.aborted) {
        const count = await this.#conn.read(space);
        if (count === null) return this.#end("the gateway closed it");
        const bytes = new Uint8Array(this.#bytes.length + count);
        bytes.set(this.#bytes);
        bytes.set(space.subarray(0, count), this.#bytes.length);
        this.#bytes = bytes.slice(-MAX_BYTES);
        this.#arrival.wake();
      }
    } catch (error) {
      this.#end(reasonOf(error), error);
    }
  }

  /** Ends the connection, once. */
  #end(reason: string, cause?: unknown): void {
    if (this.lost.aborted) return;
    const message = `Lost the connection to ${this.name}: ${reason}`;
    this.#lost.abort(new ConnectionError("modbus_connection_lost", message, { cause }));
    this.#conn.close();
    this.#arrival.wake();
  }
}
