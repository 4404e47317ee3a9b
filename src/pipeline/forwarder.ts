import type { Buffer } from "../buffer/buffer.ts";
import type { Clock } from "../core/clock.ts";
import { EdgeError } from "../core/error.ts";
import type { Report } from "../core/event.ts";
import type { SendResult, Sink } from "../core/sink.ts";
import type { Backoff } from "../lib/backoff.ts";
import { Breather } from "../lib/breather.ts";
import type { BatchTraces, SendTrace } from "./batch_traces.ts";
import { type BatchLimits, inBatches, type RowBatch } from "./batcher.ts";
import type { Breaker } from "./breaker.ts";
import { InFlight } from "./in_flight.ts";

/** How long to stay away from a sink whose adapter has a bug. */
const BUG_RETRY_MS = 60_000;

export interface ForwarderOptions {
  /** The lane's id. */
  readonly lane: string;
  readonly sink: Sink;
  readonly buffer: Buffer;
  readonly limits: BatchLimits;
  /** The most bytes that may wait for the sink's acknowledgement. */
  readonly maxInFlightBytes: number;
  readonly breaker: Breaker;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly report: Report;
  /** Not there: nothing is traced. */
  readonly traces?: BatchTraces | undefined;
}

/** A batch on its way, in the order of sending. */
interface Sending {
  readonly batch: RowBatch;
  /** Never rejects: a failure breaks the way as a whole. */
  readonly outcome: Promise<SendResult | undefined>;
  readonly trace: SendTrace | undefined;
}

/**
 * Moves one lane's rows from the buffer to its sink: many batches at a time, acknowledged in order. After a failure
 * every row in doubt is sent again, oldest first, once the breaker lets it.
 */
export class Forwarder {
  readonly #options: ForwarderOptions;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  get lane(): string {
    return this.#options.lane;
  }

  /** Runs until `signal` aborts. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { lane, sink, report } = this.#options;
    while (!signal.aborted) {
      try {
        await sink.connect(signal);
        report({ kind: "sink_connected", lane });
        await this.#forward(signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#stayAway(error, signal);
      }
    }
  }

  /** Sends until `signal` aborts. @throws what broke the way, once nothing is in flight any more */
  async #forward(signal: AbortSignal): Promise<void> {
    const { lane, sink, buffer, limits, clock } = this.#options;
    const broken = new AbortController();
    const isOver = AbortSignal.any([signal, broken.signal]);
    const inFlight = new InFlight(this.#options.maxInFlightBytes);
    const way: Way = { broken, isOver, killed: signal, inFlight, settled: Promise.resolve() };
    const breather = new Breather(clock);
    const batches = inBatches(buffer.next(lane, isOver), { ...limits, clock, idle: () => inFlight.idle() });
    try {
      for await (const batch of batches) {
        await inFlight.room(this.#options.breaker.state === "half_open", isOver);
        // A service may end a way on which nothing moves. One that cannot be made anew is broken at once: the rows to come
        // are asked for already, and leaving this loop would wait for them.
        if (inFlight.isIdle) await sink.connect(isOver).catch((error) => broken.abort(error));
        if (broken.signal.aborted) break;
        this.#send(batch, way);
        await breather.breathe();
      }
    } catch (error) {
      if (!isOver.aborted) throw error;
    }
    await way.settled;
    broken.signal.throwIfAborted();
  }

  #send(batch: RowBatch, way: Way): void {
    const { sink, lane, report, traces } = this.#options;
    way.inFlight.add(batch);
    report({ kind: "rows_sent", lane, count: batch.rows.length, bytes: batch.bytes });
    const trace = traces?.sending(lane, batch.rows);
    const sent = sink.send(batch.rows, way.isOver);
    const outcome = (trace ? trace.follow(sent) : sent).catch((error) => void way.broken.abort(error));
    way.settled = this.#settle({ batch, outcome, trace }, way);
    way.settled.catch((error) => way.broken.abort(error));
  }

  /** Books a batch's outcome, after those of all batches before it. */
  async #settle({ batch, outcome, trace }: Sending, way: Way): Promise<void> {
    const earlier = way.settled;
    const result = await outcome;
    await earlier;
    const book = (result: SendResult) => this.#book(batch, result, way.killed);
    if (result && !way.isDoubtful) await (trace ? trace.book(() => book(result)) : book(result));
    else {
      way.isDoubtful = true; // those behind it are sent again too
      trace?.inDoubt();
    }
    way.inFlight.remove(batch);
  }

  async #book({ rows }: RowBatch, { rejected }: SendResult, signal: AbortSignal): Promise<void> {
    const { buffer, lane, breaker, backoff } = this.#options;
    for (const { row, reason } of rejected) await buffer.reject(row, reason, signal);
    const last = rows.at(-1);
    if (last) await buffer.ack(lane, last.seq, signal);
    breaker.succeeded();
    backoff.reset();
  }

  async #stayAway(error: unknown, signal: AbortSignal): Promise<void> {
    const { breaker, backoff, traces } = this.#options;
    const isHalt = !(error instanceof EdgeError) || error.disposition === "halt";
    const backoffMs = backoff.next();
    const breakerMs = breaker.failed(isHalt);
    const retryInMs = error instanceof EdgeError ? breakerMs ?? backoffMs : BUG_RETRY_MS;
    const tell = () => this.#reportFailure(error, retryInMs);
    if (traces) traces.telling(error, tell);
    else tell();
    await breaker.pass(retryInMs, signal).catch(() => {/* aborted: the loop ends */});
  }

  #reportFailure(error: unknown, retryInMs: number): void {
    const { lane, report } = this.#options;
    if (error instanceof EdgeError) report({ kind: "sink_failed", lane, error, retryInMs });
    else report({ kind: "sink_bug", lane, error: asError(error), retryInMs });
  }
}

/** One unbroken time of sending. */
interface Way {
  readonly broken: AbortController;
  readonly isOver: AbortSignal;
  /** The connector gives up: nothing is booked any more that waits for the disk. */
  readonly killed: AbortSignal;
  readonly inFlight: InFlight;
  /** Resolves when everything sent so far is booked. */
  settled: Promise<void>;
  /** A batch is in doubt, and with it all that were sent after it. */
  isDoubtful?: boolean;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
