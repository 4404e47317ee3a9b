import type { Clock } from "../../core/clock.ts";
import { ConnectionError, type EdgeError } from "../../core/error.ts";
import { Condition } from "../../lib/condition.ts";
import type { ReportZerobus, StreamEnd } from "./event.ts";
import { type Sent } from "./in_flight.ts";
import { Code, poison, streamError } from "./ingest_error.ts";
import { isolate, type Undelivered } from "./isolation.ts";
import type { StreamOpener } from "./opener.ts";
import type { Parcel } from "./parcel.ts";
import { type Ending, type IngestStream, isPoisoned, type StreamEvents } from "./stream.ts";

/** How long late acknowledgements are read after nothing more will be sent. */
const LATE_ACK_MS = 2000;
/** How long acknowledgements are waited for when the sink is closed. */
const CLOSE_MS = 5000;
/** So many bytes are written before other tasks (acknowledgements, the GUI) get their turn. */
const YIELD_BYTES = 256 * 1024;

export interface ShardOptions {
  readonly opener: StreamOpener;
  readonly lane: { readonly id: string; readonly table: string };
  /** Most bytes that wait for acknowledgements. */
  readonly maxInFlightBytes: number;
  readonly clock: Clock;
  readonly report: ReportZerobus;
  /** It has stopped, and everything given to it that is not settled is in doubt. Called once. */
  readonly failed: (error: unknown) => void;
}

/** The next stream, on its way while the old one still sends. */
interface Successor {
  readonly opening: Promise<{ stream: IngestStream<Parcel> } | { error: unknown }>;
  isDue: boolean;
}

/**
 * One ordered way of rows into a table: a stream at a time, the next one opened before the old one's announced end, and
 * the search for a row that the service refuses. Any other end of a stream ends the shard.
 */
export class Shard {
  readonly #options: ShardOptions;
  readonly #changed = new Condition();
  readonly #stopped = new AbortController();
  readonly #streams = new Set<IngestStream<Parcel>>();
  /** Those that were left in good order. */
  readonly #retired = new WeakSet<IngestStream<Parcel>>();
  readonly #endings = new Set<Promise<void>>();
  readonly #queue: Parcel[] = [];
  readonly #events: StreamEvents<Parcel>;
  #isClosing = false;
  #flow: Promise<void> = Promise.resolve();

  constructor(options: ShardOptions) {
    this.#options = options;
    this.#events = { acked: (sent) => this.#acked(sent), changed: () => this.#changed.wake() };
  }

  /** Opens the first stream. @throws what `StreamOpener.open` throws */
  async start(signal: AbortSignal): Promise<void> {
    const stream = await this.#open(AbortSignal.any([signal, this.#stopped.signal]));
    this.#flow = this.#run(stream).catch((error) => {
      if (this.#stopped.signal.aborted) return;
      this.stop(error);
      this.#options.failed(error);
    });
  }

  /** Why it has ended; undefined while it has not. */
  get failure(): unknown {
    return this.#stopped.signal.aborted ? this.#stopped.signal.reason : undefined;
  }

  /** Takes a parcel to be sent after all earlier ones. */
  enqueue(parcel: Parcel): void {
    this.#queue.push(parcel);
    this.#changed.wake();
  }

  /** Ends at once. What was given to it and is not settled is in doubt. */
  stop(reason: unknown): void {
    this.#stopped.abort(reason);
    this.#queue.length = 0;
    for (const stream of this.#streams) this.#end(stream);
    this.#changed.wake();
  }

  /** Sends nothing more, waits a while for acknowledgements, half-closes, and ends. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#changed.wake();
    await this.#flow;
    await Promise.all(this.#endings);
    this.stop(new ConnectionError("zerobus_closed", "The Zerobus sink was closed"));
  }

  async #run(first: IngestStream<Parcel>): Promise<void> {
    let stream: IngestStream<Parcel> | undefined = first;
    while (stream) stream = await this.#pump(stream);
  }

  /** Sends until another stream must go on, which it returns; undefined once closing is done. */
  async #pump(stream: IngestStream<Parcel>): Promise<IngestStream<Parcel> | undefined> {
    let successor: Successor | undefined;
    let written = 0;
    while (true) {
      this.#stopped.signal.throwIfAborted();
      if (this.#isClosing) return await this.#drain(stream);
      if (stream.graceMs !== undefined) successor ??= this.#succeed(stream, stream.graceMs);
      if (successor && (successor.isDue || stream.ending)) return await this.#switch(stream, successor);
      if (stream.ending) return await this.#recover(stream.takeUnacked(), stream.ending, undefined);
      const parcel = this.#takeNext(stream, this.#queue);
      if (!parcel) {
        await this.#changed.wait();
        continue;
      }
      await this.#send(stream, parcel);
      written += parcel.bytes;
      if (written >= YIELD_BYTES) {
        written = 0;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
  }

  /** The next parcel, where there is one and room for it on the way. */
  #takeNext({ inFlight }: IngestStream<Parcel>, waiting: Parcel[]): Parcel | undefined {
    const bytes = waiting[0]?.bytes ?? 0;
    const hasRoom = inFlight.size === 0 || inFlight.bytes + bytes <= this.#options.maxInFlightBytes;
    return hasRoom ? waiting.shift() : undefined;
  }

  #send(stream: IngestStream<Parcel>, parcel: Parcel): Promise<void> {
    const { project } = this.#options.opener.plan;
    const projected: Uint8Array[] = [];
    for (const row of parcel.rows) projected.push(project(row.bytes));
    return stream.send(parcel, projected);
  }

  #succeed(old: IngestStream<Parcel>, graceMs: number): Successor {
    this.#options.report({ kind: "rotation", lane: this.#options.lane.id, graceMs });
    const opening = this.#open(this.#stopped.signal).then((stream) => ({ stream }), (error) => ({ error }));
    const successor = { opening, isDue: false };
    const due = () => {
      successor.isDue = true;
      this.#changed.wake();
    };
    void opening.then(due);
    // Half of the time is left to the old stream's acknowledgements, wherever the next one is.
    void this.#after(graceMs / 2, old).then(due);
    return successor;
  }

  /** The old stream collects its acknowledgements; the next one goes on, with what the old one did not get, first. */
  async #switch(old: IngestStream<Parcel>, { opening }: Successor): Promise<IngestStream<Parcel> | undefined> {
    await this.#settle(old, Math.max(0, (old.graceMs ?? 0) / 2));
    old.halfClose();
    await this.#settle(old, LATE_ACK_MS);
    const unacked = old.takeUnacked();
    const ending = old.ending;
    this.#retire(old);
    const next = await opening;
    if ("error" in next) throw next.error;
    if (unacked.length > 0 && ending && isPoisoned(ending)) return await this.#recover(unacked, ending, next.stream);
    this.#queue.unshift(...unacked);
    return next.stream;
  }

  /** A refused row is searched for and the rest goes on; every other ending is the shard's. */
  async #recover(
    unacked: readonly Parcel[],
    ending: Ending,
    next: IngestStream<Parcel> | undefined,
  ): Promise<IngestStream<Parcel>> {
    if (unacked.length === 0 || !isPoisoned(ending)) throw this.#errorOf(ending);
    const open = () => this.#open(this.#stopped.signal);
    const found = await isolate(unacked, next, { open, deliver: (stream, parcels) => this.#deliver(stream, parcels) });
    if (found.failure) throw this.#errorOf(found.failure);
    this.#queue.unshift(...found.rest);
    if (found.poison) {
      found.poison.call.rejected(found.poison.row, poison(found.poison.status));
      this.#options.report({ kind: "poison_found", lane: this.#options.lane.id, streams: found.streams });
    }
    return found.stream ?? await open();
  }

  /** Sends these alone and waits for their acknowledgements; what is left when the stream ends first. */
  async #deliver(stream: IngestStream<Parcel>, parcels: readonly Parcel[]): Promise<Undelivered | undefined> {
    const waiting = [...parcels];
    while (!stream.ending && (waiting.length > 0 || stream.inFlight.size > 0)) {
      this.#stopped.signal.throwIfAborted();
      const parcel = this.#takeNext(stream, waiting);
      if (parcel) await this.#send(stream, parcel);
      else await this.#changed.wait();
    }
    if (!stream.ending) return undefined;
    return { parcels: [...stream.takeUnacked(), ...waiting], ending: stream.ending };
  }

  async #drain(stream: IngestStream<Parcel>): Promise<undefined> {
    await this.#settle(stream, CLOSE_MS);
    this.#retire(stream);
  }

  /** Waits until everything on `stream` is acknowledged, it has ended, or `ms` have passed. */
  async #settle(stream: IngestStream<Parcel>, ms: number): Promise<void> {
    const { clock } = this.#options;
    const endMs = clock.monotonicMs() + ms;
    void this.#after(ms, stream).then(() => this.#changed.wake());
    while (stream.inFlight.size > 0 && !stream.ending && clock.monotonicMs() < endMs) {
      this.#stopped.signal.throwIfAborted();
      await this.#changed.wait();
    }
  }

  /** Half-closes a stream that has nothing in flight any more, and lets it end by itself for a short while. */
  #retire(stream: IngestStream<Parcel>): void {
    this.#retired.add(stream);
    stream.halfClose();
    const ending = this.#after(LATE_ACK_MS, stream).then(() => {
      this.#end(stream);
      this.#endings.delete(ending);
    });
    this.#endings.add(ending);
  }

  /** Resolves after `ms`, or earlier when `stream` or the shard ends. */
  async #after(ms: number, stream: IngestStream<Parcel>): Promise<void> {
    const over = new AbortController();
    void stream.ended.then(() => over.abort());
    const signal = AbortSignal.any([over.signal, this.#stopped.signal]);
    await this.#options.clock.sleep(ms, signal).catch(() => {/* sooner, then */});
  }

  async #open(signal: AbortSignal): Promise<IngestStream<Parcel>> {
    const stream = await this.#options.opener.open(this.#events, signal);
    this.#streams.add(stream);
    void stream.ended.then(() => this.#end(stream));
    if (this.#stopped.signal.aborted) this.#end(stream);
    return stream;
  }

  #end(stream: IngestStream<Parcel>): void {
    if (!this.#streams.delete(stream)) return;
    const { lane, report } = this.#options;
    report({ kind: "stream_ended", lane: lane.id, streamId: stream.id, why: this.#whyEnded(stream) });
    stream.drop();
  }

  #whyEnded(stream: IngestStream<Parcel>): StreamEnd {
    if (stream.ending && isPoisoned(stream.ending)) return "poisoned";
    if (!this.#retired.has(stream)) return "failed";
    return this.#isClosing ? "closed" : "rotated";
  }

  #errorOf(ending: Ending): EdgeError {
    if (ending.kind === "broken") return ending.error;
    if (ending.status.code === Code.UNAUTHENTICATED) this.#options.opener.doubtToken();
    if (ending.status.code === Code.INVALID_ARGUMENT) this.#options.opener.doubtColumns();
    return streamError(this.#options.lane.table, ending.status, "flow");
  }

  #acked(sent: readonly Sent<Parcel>[]): void {
    const { lane, clock, report } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const { item, bytes, sentMs } of sent) {
      report({ kind: "request_acked", lane: lane.id, rows: item.rows.length, bytes, ackMs: nowMs - sentMs });
      item.call.delivered(item.rows.length);
    }
    this.#changed.wake();
  }
}
