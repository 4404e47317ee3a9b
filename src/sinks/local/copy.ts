import type { Clock } from "../../core/clock.ts";
import type { Report } from "../../core/event.ts";
import type { Row } from "../../core/reading.ts";
import type { SendResult, Sink } from "../../core/sink.ts";
import { Backoff } from "../../lib/backoff.ts";
import { Condition } from "../../lib/condition.ts";
import { within } from "../../lib/within.ts";

export interface CopyOptions {
  readonly clock: Clock;
  readonly report: Report;
  /** The most rows that wait to be copied. */
  readonly maxRows?: number;
  /** The most bytes of them. */
  readonly maxBytes?: number;
  /** How long disposing waits for what is still to be copied. */
  readonly drainMs?: number;
}

const DEFAULTS = { maxRows: 20_000, maxBytes: 16 * 1024 * 1024, drainMs: 2000 };
const ROWS_PER_SEND = 1000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;
/** One process and its own file: nobody else's attempts to keep out of the way of. */
const NO_JITTER = () => 1;

/**
 * Copies one lane's rows to a second sink, in the background. The copy may lag or lose, and never holds up the lane:
 * offering does not wait, what waits to be copied is bounded, the oldest rows beyond that are dropped and reported, and
 * failures are reported and tried again.
 */
export class CopyLane implements AsyncDisposable {
  readonly #lane: string;
  readonly #sink: Sink;
  readonly #options: Required<CopyOptions>;
  readonly #backoff: Backoff;
  readonly #changed = new Condition();
  readonly #stopped = new AbortController();
  readonly #done: Promise<void>;
  /** Oldest first. The first rows of it may be on their way already. */
  #waiting: Row[] = [];
  #bytes = 0;
  /** How many of the first rows are on their way: those are not dropped, and count as waiting. */
  #sending = 0;
  #isClosing = false;

  /** Begins at once, and owns the sink from now on. */
  constructor(lane: string, sink: Sink, options: CopyOptions) {
    this.#lane = lane;
    this.#sink = sink;
    this.#options = { ...DEFAULTS, ...options };
    this.#backoff = new Backoff({ initialMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS, multiplier: 2, random: NO_JITTER });
    this.#done = this.#run();
  }

  /** Takes rows to be copied. Returns at once, and never throws. */
  offer(rows: readonly Row[]): void {
    if (this.#isClosing) return this.#lost(rows.length);
    for (const row of rows) {
      this.#waiting.push(row);
      this.#bytes += row.bytes.length;
    }
    this.#shed();
    this.#changed.wake();
  }

  /** Takes no more, and copies what waits, for a bounded time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#changed.wake();
    await within(this.#done, this.#options.drainMs, this.#options.clock);
    this.#stopped.abort(new Error("the copy has stopped"));
    await this.#done;
    await this.#sink[Symbol.asyncDispose]();
    this.#lost(this.#waiting.length);
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted && (await this.#hasWork(signal))) {
      try {
        await this.#sink.connect(signal);
        await this.#copy(signal);
      } catch (error) {
        if (!signal.aborted) await this.#stayAway(error, signal);
      }
    }
  }

  /** Resolves when there are rows to copy; with false when there will be none. */
  async #hasWork(signal: AbortSignal): Promise<boolean> {
    while (this.#waiting.length === 0) {
      if (this.#isClosing) return false;
      await this.#changed.wait(signal).catch(() => {/* stopped: the loop ends */});
      if (signal.aborted) return false;
    }
    return true;
  }

  /** Copies until nothing waits. @throws what the sink throws; the rows then still wait */
  async #copy(signal: AbortSignal): Promise<void> {
    while (this.#waiting.length > 0) {
      const rows = this.#waiting.slice(0, ROWS_PER_SEND);
      this.#sending = rows.length;
      let result: SendResult;
      try {
        result = await this.#sink.send(rows, signal);
      } finally {
        this.#sending = 0;
      }
      this.#take(rows.length);
      this.#lost(result.rejected.length);
      this.#backoff.reset();
    }
  }

  async #stayAway(thrown: unknown, signal: AbortSignal): Promise<void> {
    this.#shed();
    const retryInMs = this.#isClosing ? FIRST_RETRY_MS : this.#backoff.next();
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#options.report({ kind: "copy_failed", lane: this.#lane, error, retryInMs });
    await this.#options.clock.sleep(retryInMs, signal).catch(() => {/* stopped: the loop ends */});
  }

  /** Drops the oldest rows beyond the limits, but for those on their way. */
  #shed(): void {
    const { maxRows, maxBytes } = this.#options;
    let rows = this.#waiting.length;
    let bytes = this.#bytes;
    let end = this.#sending;
    while (end < this.#waiting.length && (rows > maxRows || bytes > maxBytes)) {
      rows--;
      bytes -= this.#waiting[end++]?.bytes.length ?? 0;
    }
    this.#bytes = bytes;
    this.#lost(this.#waiting.splice(this.#sending, end - this.#sending).length);
  }

  #take(count: number): void {
    for (const row of this.#waiting.splice(0, count)) this.#bytes -= row.bytes.length;
  }

  #lost(count: number): void {
    if (count > 0) this.#options.report({ kind: "copy_dropped", lane: this.#lane, count });
  }
}
