import type { AcceptTrace, Buffer, Receipt, Route } from "../buffer/buffer.ts";
import type { Clock } from "../core/clock.ts";
import { ConnectionError } from "../core/error.ts";
import type { Batch, Rows } from "../core/reading.ts";
import type { SendResult } from "../core/sink.ts";
import type { Span, Tracer } from "../lib/tracing.ts";

/** Traced batches that wait for their table to acknowledge them, at most; of the oldest no more is told then. */
const MAX_WAITING = 1000;
/** Traced batches of one send that have its spans, at most. */
const MAX_IN_SEND = 20;

/** Where the rows of a traced batch are. */
interface Placed {
  readonly span: Span;
  readonly lane: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** What a batch is accepted with. */
export interface Accepting {
  readonly buffer: Buffer;
  readonly route: Route;
  readonly signal: AbortSignal;
  /** Since when the source was waited for, by the clock that never jumps. */
  readonly askedAtMs: number;
}

/**
 * The ways of the batches that are traced: `read`, `encode` and `commit` when a source hands one over, `send` and `ack`
 * when rows of it go to their table. Rows know nothing of it: a batch is found again by their numbers. What a restart
 * leaves in the spool is sent without a trace.
 */
export class BatchTraces {
  readonly #tracer: Tracer;
  readonly #clock: Pick<Clock, "monotonicMs">;
  #waiting: Placed[] = [];
  readonly #failures = new WeakMap<object, Span>();

  constructor(tracer: Tracer, clock: Pick<Clock, "monotonicMs">) {
    this.#tracer = tracer;
    this.#clock = clock;
  }

  /** How many pieces of traced batches wait for their table. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** Puts a batch into the buffer, as `Buffer.accept` does. */
  async accept(batch: Batch, { buffer, route, signal, askedAtMs }: Accepting): Promise<Receipt> {
    const attributes = { source: route.source, lane: route.lane.id, readings: batch.readings.length };
    const span = this.#tracer.begin("batch", { kind: "consumer", startedMs: askedAtMs, attributes });
    if (!span) return await buffer.accept(batch, route, signal);
    span.child("read", { startedMs: askedAtMs }).end();
    const { readings, refusals, isWithheld } = batch;
    const handover = { readings, isWithheld, ...(refusals ? { refusals } : {}), trace: this.#follow(span) };
    try {
      const receipt = await span.run(() => buffer.accept(handover, route, signal));
      const commit = span.child("commit");
      receipt.durable.then(() => endAll([commit, span]), (error) => endAll([commit, span], error));
      return receipt;
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

  /** Of rows that go to a lane's sink: undefined where none of them is traced. */
  sending(lane: string, rows: Rows): SendTrace | undefined {
    const [first, last] = [rows.at(0)?.seq ?? Infinity, rows.at(-1)?.seq ?? -Infinity];
    const found = this.#waiting.filter((each) => each.lane === lane && each.firstSeq <= last && each.lastSeq >= first);
    if (found.length === 0) return undefined;
    const batches = [...new Set(found.map(({ span }) => span))].slice(0, MAX_IN_SEND);
    return new SendTrace(batches, rows.length, {
      failed: (error, span) => void (typeof error === "object" && error && this.#failures.set(error, span)),
      booked: () => {
        this.#waiting = this.#waiting.filter((each) => each.lane !== lane || each.lastSeq > last);
      },
    });
  }

  /** Log lines of `work`, which tells of a failure, name the span that failed by it. */
  telling(error: unknown, work: () => void): void {
    const span = typeof error === "object" && error ? this.#failures.get(error) : undefined;
    if (span) span.tell(work);
    else work();
  }

  #follow(span: Span): AcceptTrace {
    return {
      encode: (make) => {
        const encode = span.child("encode");
        try {
          return make();
        } finally {
          encode.end();
        }
      },
      placed: (lane, firstSeq, lastSeq) => {
        if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
        this.#waiting.push({ span, lane, firstSeq, lastSeq });
      },
    };
  }
}

interface SendEnds {
  readonly failed: (error: unknown, span: Span) => void;
  readonly booked: () => void;
}

/** One send of rows of which some are traced: each traced batch among them has its spans. */
export class SendTrace {
  readonly #batches: readonly Span[];
  readonly #ends: SendEnds;
  readonly #sends: readonly Span[];
  #acks: readonly Span[] = [];

  constructor(batches: readonly Span[], count: number, ends: SendEnds) {
    this.#batches = batches;
    this.#ends = ends;
    this.#sends = batches.map((span) => span.child("send", { kind: "client", attributes: { rows: count } }));
  }

  /** Ends `send` with what becomes of it. */
  follow(sent: Promise<SendResult>): Promise<SendResult> {
    sent.then(
      ({ rejected }) => {
        for (const span of this.#sends) span.set({ rejected: rejected.length });
        endAll(this.#sends);
        this.#acks = this.#batches.map((span) => span.child("ack"));
      },
      (error) => {
        const [first] = this.#sends;
        if (first) this.#ends.failed(error, first);
        endAll(this.#sends, error);
      },
    );
    return sent;
  }

  /** A batch before it failed: what the sink acknowledged of this one is sent again with it. */
  inDoubt(): void {
    endAll(this.#acks, new ConnectionError("sent_again", "A batch before it is in doubt"));
  }

  /** Books what the sink acknowledged, as `ack`. @throws what `work` throws */
  async book(work: () => Promise<void>): Promise<void> {
    const [first] = this.#acks;
    try {
      await (first ? first.run(work) : work());
      this.#ends.booked();
      endAll(this.#acks);
    } catch (error) {
      endAll(this.#acks, error);
      throw error;
    }
  }
}

function endAll(spans: readonly Span[], failure?: unknown): void {
  for (const span of spans) span.end(failure);
}
