import type { Clock } from "../../core/clock.ts";
import { EdgeError, reasonOf } from "../../core/error.ts";
import type { Logger } from "../../core/logger.ts";
import { Backoff } from "../../lib/backoff.ts";
import { Condition } from "../../lib/condition.ts";
import type { Metrics } from "../metrics.ts";
import { CollectorBusy, type SpanReceiver } from "./collector.ts";
import type { FinishedSpan } from "./finished_span.ts";
import { exportRequest, type Origin } from "./otlp.ts";

/** Spans that wait at most: about a megabyte. */
export const MAX_WAITING = 2048;
/** Spans of one request. */
const MAX_SENT = 512;
/** How long a span waits for others. */
const LINGER_MS = 5000;
/** How long the last ones may take once the connector ends. */
const LAST_MS = 1000;
const BACKOFF = { initialMs: 2000, maxMs: 60_000, multiplier: 2 };

/** Why a span never came to a collector. */
export type DropReason = "queue_full" | "refused" | "stopped";

export interface SpanQueueOptions {
  readonly receiver: SpanReceiver;
  readonly origin: Origin;
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "spansSent" | "spansDropped">;
  readonly random: () => number;
}

/** Sends spans on, some at a time. Nothing waits for it: while the collector is away or slow, what is too much is dropped, and counted. */
export class SpanQueue implements AsyncDisposable {
  readonly #options: SpanQueueOptions;
  readonly #waiting: FinishedSpan[] = [];
  readonly #news = new Condition();
  readonly #backoff: Backoff;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  /** Since the last word about it. */
  #dropped = 0;
  #isAway = false;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ ...BACKOFF, random: options.random });
    this.#running = this.#run(this.#end.signal);
  }

  readonly put = (span: FinishedSpan): void => {
    if (this.#waiting.length >= MAX_WAITING) return this.#drop(1, "queue_full");
    this.#waiting.push(span);
    if (this.#waiting.length === 1 || this.#waiting.length === MAX_SENT) this.#news.wake();
  };

  /** Sends what waits, as far as that takes no time worth speaking of. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error("the connector ends"));
    await this.#running;
    const limit = AbortSignal.timeout(LAST_MS);
    while (this.#waiting.length > 0 && !this.#isAway && !limit.aborted) await this.#send(limit);
    this.#drop(this.#waiting.length, "stopped");
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#waiting.length === 0 && !await this.#news.isWoken(signal)) return;
      if (this.#waiting.length < MAX_SENT) await this.#gather(signal);
      if (signal.aborted) return;
      const restMs = await this.#send(signal);
      if (restMs > 0) await this.#options.clock.sleep(restMs, signal).catch(() => {/* the end */});
    }
  }

  /** Waits until there are enough for a request, or the first one has waited long enough. */
  async #gather(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const ended = AbortSignal.any([signal, over.signal]);
    await Promise.race([
      this.#options.clock.sleep(LINGER_MS, ended).catch(() => {/* enough, or the end */}),
      this.#news.isWoken(ended),
    ]);
    over.abort();
  }

  /** Sends the oldest. Resolves with how long to leave the collector alone. */
  async #send(signal: AbortSignal): Promise<number> {
    const { receiver, origin } = this.#options;
    const spans = this.#waiting.slice(0, MAX_SENT);
    try {
      const rejected = Math.min(spans.length, await receiver.send(exportRequest(spans, origin), signal));
      this.#sent(spans.length, rejected);
      return 0;
    } catch (error) {
      return signal.aborted ? 0 : this.#failed(error, spans.length);
    }
  }

  #sent(count: number, rejected: number): void {
    const { metrics, log, receiver: { name } } = this.#options;
    this.#waiting.splice(0, count);
    metrics.spansSent.add({}, count - rejected);
    if (rejected > 0) this.#drop(rejected, "refused");
    this.#backoff.reset();
    if (!this.#isAway) return;
    this.#isAway = false;
    log.log("info", `Traces reach ${name} again; ${this.#dropped} spans were dropped meanwhile`, {
      code: "traces_sent",
      count: this.#dropped,
    });
    this.#dropped = 0;
  }

  /** What may be taken later stays; what is refused goes. */
  #failed(error: unknown, count: number): number {
    const restMs = this.#backoff.next();
    this.#tell(error);
    if (error instanceof EdgeError && error.disposition === "halt") {
      this.#waiting.splice(0, count);
      this.#drop(count, "refused");
    }
    return error instanceof CollectorBusy ? Math.max(restMs, error.afterMs) : restMs;
  }

  /** Once, until they reach it again. */
  #tell(error: unknown): void {
    if (this.#isAway) return;
    this.#isAway = true;
    const { log } = this.#options;
    const message = `Traces cannot be sent now: ${
      reasonOf(error)
    } (up to ${MAX_WAITING} spans wait, others are dropped)`;
    log.log("warn", message, { code: error instanceof EdgeError ? error.code : "bug" });
  }

  #drop(count: number, reason: DropReason): void {
    this.#dropped += count;
    if (count > 0) this.#options.metrics.spansDropped.add({ reason }, count);
  }
}
