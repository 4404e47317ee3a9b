import type { Clock } from "../../core/clock.ts";
import { ConnectionError, type EdgeError, reasonOf, TimeoutError } from "../../core/error.ts";
import { freeMemory } from "../../lib/free_memory.ts";
import type { IngestConnection } from "./channel.ts";
import { InFlight, type Sent } from "./in_flight.ts";
import { Code, readErrorInfo, type StreamStatus } from "./ingest_error.ts";
import { ingestBatchRequest, readResponse, type StreamResponse } from "./wire.ts";

/** Why a stream takes and acknowledges nothing more: the service ended it, or we found it broken. */
export type Ending =
  | { readonly kind: "ended"; readonly status: StreamStatus }
  | { readonly kind: "broken"; readonly error: EdgeError };

/** A stream that the service did not let us open. */
export class StreamRefusal extends Error {
  readonly status: StreamStatus;

  constructor(status: StreamStatus) {
    super(status.words);
    this.status = status;
  }
}

export interface StreamEvents<T> {
  /** Requests became durable, in the order they were sent. */
  acked(sent: readonly Sent<T>[]): void;
  /** Something else changed: it ended, may be written again, or its end was announced. */
  changed(): void;
}

export interface StreamOptions<T> {
  readonly connection: IngestConnection;
  readonly createRequest: Uint8Array;
  readonly clock: Clock;
  /** With requests in flight and no acknowledgement for so long, the stream is broken. */
  readonly ackTimeoutMs: number;
  readonly events: StreamEvents<T>;
}

/**
 * One open ingest stream. Requests are numbered from 0; acknowledgements are cumulative and may skip numbers. `T` is what
 * the caller wants back with each acknowledgement.
 */
export class IngestStream<T> {
  readonly #options: StreamOptions<T>;
  readonly #inFlight = new InFlight<T>();
  readonly #watchdog: Disposable;
  readonly #created = Promise.withResolvers<string>();
  readonly #ended = Promise.withResolvers<void>();
  #writable = Promise.withResolvers<void>();
  #nextOffset = 0;
  #acked = -1;
  #progressMs: number;
  #ending: Ending | undefined;
  #graceMs: number | undefined;
  #id = "";

  private constructor(options: StreamOptions<T>) {
    this.#options = options;
    this.#progressMs = options.clock.monotonicMs();
    this.#watchdog = options.clock.every(Math.max(10, options.ackTimeoutMs / 20), () => this.#checkProgress());
    this.#created.promise.catch(() => {}); // heard by whoever opens
    const { call } = options.connection;
    call.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    call.on("drain", () => this.#writable.resolve());
    call.on("error", () => {/* the same comes as a status */});
    call.on("status", ({ code, details, metadata }) => {
      const [bin] = metadata.get("grpc-status-details-bin");
      this.#end({
        kind: "ended",
        status: { code, words: details, info: readErrorInfo(bin instanceof Uint8Array ? bin : undefined) },
      });
    });
  }

  /** @throws {StreamRefusal} when the service ends it instead @throws the signal's reason when it aborts first */
  static async open<T>(options: StreamOptions<T>, signal: AbortSignal): Promise<IngestStream<T>> {
    signal.throwIfAborted();
    const stream = new IngestStream(options);
    const giveUp = () => {
      stream.#created.reject(signal.reason);
      stream.drop();
    };
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      options.connection.call.write(options.createRequest);
      stream.#id = await stream.#created.promise;
      return stream;
    } catch (error) {
      stream.drop();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** The name the service gave it. */
  get id(): string {
    return this.#id;
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Resolves when it has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** In how many milliseconds the service will end it; undefined until it says so. */
  get graceMs(): number | undefined {
    return this.#graceMs;
  }

  /** Requests and bytes not acknowledged. */
  get inFlight(): { readonly size: number; readonly bytes: number } {
    return this.#inFlight;
  }

  /** Sends one request. Resolves when the next may be written; its acknowledgement comes as an event. */
  async send(item: T, rows: readonly Uint8Array[]): Promise<void> {
    const request = ingestBatchRequest(this.#nextOffset, rows);
    const sentMs = this.#options.clock.monotonicMs();
    if (this.#inFlight.size === 0) this.#progressMs = sentMs;
    // Before the write: the acknowledgement may be here first.
    this.#inFlight.push({ offset: this.#nextOffset++, item, bytes: request.length, sentMs });
    if (this.#ending) return;
    this.#writable = Promise.withResolvers<void>();
    if (this.#options.connection.call.write(request, () => freeMemory(request))) return;
    await Promise.race([this.#writable.promise, this.#ended.promise]);
  }

  /** Takes what is not acknowledged, oldest first; late acknowledgements of it count no more. */
  takeUnacked(): T[] {
    return this.#inFlight.takeAll().map((sent) => sent.item);
  }

  /** Says that nothing more will be sent; acknowledgements may still come. */
  halfClose(): void {
    if (!this.#ending) this.#options.connection.call.end();
  }

  /** Lets go of it at once. */
  drop(): void {
    this.#options.connection.call.cancel();
    this.#end({ kind: "broken", error: new ConnectionError("zerobus_stream_closed", "The Zerobus stream was closed") });
  }

  #end(ending: Ending): void {
    if (this.#ending) return;
    this.#ending = ending;
    this.#watchdog[Symbol.dispose]();
    this.#options.connection.close();
    if (ending.kind === "ended") this.#created.reject(new StreamRefusal(ending.status));
    else this.#created.reject(ending.error);
    this.#ended.resolve();
    this.#options.events.changed();
  }

  #break(error: EdgeError): void {
    this.#end({ kind: "broken", error });
    this.#options.connection.call.cancel();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#ending) return;
    try {
      this.#understand(readResponse(bytes));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#break(new ConnectionError("zerobus_protocol", `Zerobus sent what is no answer: ${reasonOf(error)}`));
    }
  }

  #understand(response: StreamResponse): void {
    switch (response.kind) {
      case "created":
        if (response.streamId) this.#created.resolve(response.streamId);
        else this.#break(new ConnectionError("zerobus_protocol", "Zerobus opened a stream without a name"));
        return;
      case "ack":
        return this.#acknowledge(response.upTo);
      case "close_signal":
        this.#graceMs ??= response.graceMs;
        return this.#options.events.changed();
      case "other":
        return;
      default:
        response satisfies never;
    }
  }

  /** Cumulative: valid only from the last acknowledgement to the highest number sent. */
  #acknowledge(upTo: bigint | undefined): void {
    const last = this.#acked;
    if (upTo === undefined || upTo < 0n || upTo < BigInt(last) || upTo >= BigInt(this.#nextOffset)) {
      const sent = `requests 0 to ${this.#nextOffset - 1} were sent, ${last + 1} of them acknowledged before`;
      return this.#break(
        new ConnectionError("zerobus_bad_ack", `Zerobus acknowledged ${upTo ?? "without a number"} where ${sent}`),
      );
    }
    if (upTo === BigInt(last)) return;
    this.#acked = Number(upTo);
    this.#progressMs = this.#options.clock.monotonicMs();
    this.#options.events.acked(this.#inFlight.takeUpTo(this.#acked));
  }

  #checkProgress(): void {
    const { clock, ackTimeoutMs } = this.#options;
    const silentMs = clock.monotonicMs() - this.#progressMs;
    if (this.#inFlight.size === 0 || silentMs < ackTimeoutMs) return;
    this.#break(
      new TimeoutError(
        "zerobus_ack_timeout",
        `Zerobus acknowledged nothing for ${
          Math.round(silentMs / 1000)
        } s with ${this.#inFlight.size} requests in flight; ` +
          `they will be sent again on a new stream`,
      ),
    );
  }
}

/** Whether a stream ended because of a row in it. */
export function isPoisoned(ending: Ending): ending is Ending & { kind: "ended" } {
  return ending.kind === "ended" && ending.status.code === Code.INVALID_ARGUMENT;
}
