import type { Clock } from "../../core/clock.ts";
import { ConnectionError, reasonOf } from "../../core/error.ts";
import type { Connection } from "./link.ts";
import { AnswerError, type Outcome } from "./outcome.ts";
import { encodeRead, type Frame, FrameReader, readAnswer } from "./mbap.ts";
import type { ReadRange } from "./pdu.ts";
import { dial, type DialOptions } from "./tcp_dial.ts";

export interface ConnectionOptions extends DialOptions {
  /** An answer came `afterMs` from its request, which was given up before. */
  onLate(slaveId: number, afterMs: number): void;
}

/** A request on its way. */
interface Pending {
  readonly transactionId: number;
  readonly range: ReadRange;
  /** Monotonic, as is the deadline. */
  readonly sentMs: number;
  readonly deadlineMs: number;
  resolve(outcome: Outcome): void;
  reject(error: ConnectionError): void;
}

/** Requests given up whose answers may still come; an answer to one forgotten ends the connection. */
const MAX_ABANDONED = 256;

/**
 * A Modbus TCP connection: one request at a time, answers matched by transaction id. The late answer to a request that
 * was given up is thrown away; an answer that fits no request ends the connection, for nothing after it can be trusted.
 */
export class ModbusConnection implements Connection {
  readonly #conn: Deno.TcpConn;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #peer: string;
  readonly #lost = new AbortController();
  readonly #abandoned = new Map<number, Pending>();
  readonly #onLate: ConnectionOptions["onLate"];
  readonly #receiving: Promise<void>;
  #pending: Pending | undefined;
  #lastId = 0;
  #isWatched = false;
  #hasAnswered = false;
  #isClosedByPeer = false;

  private constructor(conn: Deno.TcpConn, options: ConnectionOptions) {
    this.#conn = conn;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    this.#onLate = options.onLate;
    this.#peer = `${options.hostname}:${options.port}`;
    this.#receiving = this.#receive();
  }

  /** @throws {ConnectionError} when nothing answers there in time @throws the signal's reason when it aborts first */
  static async open(options: ConnectionOptions): Promise<ModbusConnection> {
    return new ModbusConnection(await dial(options), options);
  }

  /** Aborts, with a `ConnectionError` as its reason, when the connection is over. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The device closed it after it had answered here: another connection to it is worth making at once. */
  get isWorthReopening(): boolean {
    return this.#isClosedByPeer && this.#hasAnswered;
  }

  /**
   * Sends one request and waits for its answer; never called while another waits.
   * @throws {AnswerError} the connection ended meanwhile @throws {ConnectionError} it was over before
   */
  async read(range: ReadRange): Promise<Outcome> {
    this.#lost.signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const transactionId = this.#nextId();
    const sentMs = this.#clock.monotonicMs();
    this.#pending = { transactionId, range, sentMs, deadlineMs: sentMs + this.#timeoutMs, resolve, reject };
    this.#send(encodeRead(range, transactionId));
    void this.#watch();
    return await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new ConnectionError("modbus_closed", `The connection to ${this.#peer} was closed here`));
    await this.#receiving;
  }

  /** An id that no late answer can bear. */
  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) & 0xffff; while (this.#abandoned.has(this.#lastId));
    return this.#lastId;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    try {
      if (await this.#conn.write(bytes) < bytes.length) throw new Error("the connection took part of a request");
    } catch (error) {
      this.#endByPeer(reasonOf(error), error);
    }
  }

  /** Gives up what is overdue. One timer serves all requests, since most of them never need it. */
  async #watch(): Promise<void> {
    if (this.#isWatched) return;
    this.#isWatched = true;
    try {
      while (this.#pending) {
        const waitMs = this.#pending.deadlineMs - this.#clock.monotonicMs();
        if (waitMs > 0) await this.#clock.sleep(waitMs, this.#lost.signal);
        else this.#giveUp(this.#pending);
      }
    } catch (error) {
      if (!this.#lost.signal.aborted) throw error; // the connection is over, and nothing waits
    } finally {
      this.#isWatched = false;
    }
  }

  #giveUp(pending: Pending): void {
    this.#pending = undefined;
    this.#abandoned.set(pending.transactionId, pending);
    const [oldest] = this.#abandoned.keys();
    if (this.#abandoned.size > MAX_ABANDONED && oldest !== undefined) this.#abandoned.delete(oldest);
    pending.resolve({ kind: "timeout" });
  }

  async #receive(): Promise<void> {
    const reader = new FrameReader();
    try {
      while (!this.#lost.signal.aborted) {
        const count = await this.#conn.read(reader.space());
        if (count === null) return this.#endByPeer("the device closed it");
        reader.filled(count);
        for (let frame = reader.next(); frame; frame = reader.next()) this.#take(frame);
      }
    } catch (error) {
      if (error instanceof TypeError) this.#end(this.#lostBy(error.message, error)); // what came is no Modbus
      else this.#endByPeer(reasonOf(error), error);
    }
  }

  #take(frame: Frame): void {
    const pending = this.#pending;
    if (frame.transactionId !== pending?.transactionId) {
      const late = this.#abandoned.get(frame.transactionId);
      if (late) return this.#takeLate(late);
      return this.#end(this.#lostBy(`an answer came that nobody asked for (transaction ${frame.transactionId})`));
    }
    const answer = readAnswer(frame, pending.range);
    if (answer.kind === "mismatch") return this.#end(this.#lostBy(`an answer does not fit: ${answer.reason}`));
    this.#pending = undefined;
    this.#hasAnswered = true;
    pending.resolve(answer.kind === "data" ? { ...answer, arrivedUs: this.#clock.nowUs() } : answer);
  }

  #takeLate({ transactionId, range, sentMs }: Pending): void {
    this.#abandoned.delete(transactionId);
    this.#onLate(range.slaveId, this.#clock.monotonicMs() - sentMs);
  }

  #lostBy(reason: string, cause?: unknown): ConnectionError {
    const message = `Lost the connection to ${this.#peer}: ${reason}`;
    if (this.#pending) return new AnswerError(message, { reason, cause });
    return new ConnectionError("modbus_connection_lost", message, { cause });
  }

  #endByPeer(reason: string, cause?: unknown): void {
    if (!this.#lost.signal.aborted) this.#isClosedByPeer = true;
    this.#end(this.#lostBy(reason, cause));
  }

  /** Ends the connection, once. */
  #end(error: ConnectionError): void {
    if (this.#lost.signal.aborted) return;
    this.#lost.abort(error);
    this.#conn.close();
    this.#pending?.reject(error);
    this.#pending = undefined;
  }
}
