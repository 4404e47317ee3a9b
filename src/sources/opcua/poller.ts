import type { Clock } from "../../core/clock.ts";
import type { Pace, PollSkipCause } from "../../core/source.ts";
import { Condition } from "../../lib/condition.ts";
import type { DataChange } from "./decode.ts";
import type { Deadbands } from "./deadbands.ts";
import { inSeconds, saying, statusIn } from "./errors.ts";
import type { Feed } from "./feed.ts";
import type { Item } from "./item_list.ts";
import type { OperationLimits } from "./operation_limits.ts";
import type { PolledNode } from "./read_response.ts";
import { ValueReads } from "./value_reads.ts";
import type { Watcher } from "./watched_nodes.ts";

export interface PollerOptions {
  readonly clock: Clock;
  readonly pace: Pace | undefined;
  readonly intervalMs: number;
  /** `read`: nodes in one call. Not known before the server has been asked. */
  readonly limits: Pick<OperationLimits, "read">;
  /** How long an answer may take. */
  readonly answerMs: number;
  readonly deadbands: Deadbands;
  read(nodes: readonly PolledNode[]): Promise<DataChange>;
  onData(values: DataChange): void;
  onSkipped(count: number, cause: PollSkipCause): void;
  onLost(why: string): void;
}

/** How much later than due an answer may come on a slow line. */
const LATE_MS = 1000;

/** A run of the loop; it ends when it is not the current one any more. */
type Run = { readonly ended: AbortController };

/**
 * Reads all nodes again and again, in as few calls as the server takes. Polls never pile up: those that fall due while
 * one is under way, or while nobody takes values, are left out and counted.
 */
export class Poller implements Feed, Watcher {
  readonly #options: PollerOptions;
  readonly #nodes = new Map<number, PolledNode>();
  readonly #reads: ValueReads;
  #run: Run | undefined;
  /** The first nodes are there. */
  readonly #begun = new Condition();
  /** Since when nobody takes values. */
  #heldAtMs: number | undefined;
  #heardAtMs: number;
  /** Of the Read that is under way, or that failed without an answer. */
  #sentAtMs: number | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.monotonicMs();
    const { limits, pace } = options;
    this.#reads = new ValueReads({ limits, pace, read: (nodes) => this.#read(nodes) });
  }

  async watch(items: readonly Item[]): Promise<readonly (string | undefined)[]> {
    const { deadbands } = this.#options;
    await deadbands.measure(items);
    deadbands.compare(items, "A server that is read knows no deadband");
    for (const { handle, nodeId } of items) this.#nodes.set(handle, { handle, nodeId });
    this.#begun.wake();
    return items.map(() => undefined);
  }

  unwatch(items: readonly Item[]): Promise<void> {
    for (const { handle } of items) this.#nodes.delete(handle);
    return Promise.resolve();
  }

  get isSilent(): boolean {
    return this.#unansweredMs > this.#options.answerMs + LATE_MS;
  }

  get quietMs(): number {
    return this.#options.clock.monotonicMs() - this.#heardAtMs;
  }

  get breakReason(): string {
    const ms = this.#unansweredMs;
    return ms > LATE_MS ? `the server said nothing for ${inSeconds(ms)}` : "the connection broke";
  }

  /** How long a Read has been without an answer. One that waits for its turn has not been sent. */
  get #unansweredMs(): number {
    return this.#sentAtMs === undefined ? 0 : this.#options.clock.monotonicMs() - this.#sentAtMs;
  }

  ask(): void {
    if (this.#run) return;
    this.#countHeld();
    this.#heardAtMs = this.#options.clock.monotonicMs();
    const run = { ended: new AbortController() };
    this.#run = run;
    this.#keepPolling(run).catch((error) => this.#failed(run, error));
  }

  hold(): void {
    if (!this.#run) return;
    this.stop();
    this.#heldAtMs = this.#options.clock.monotonicMs();
  }

  stop(): void {
    this.#run?.ended.abort();
    this.#run = undefined;
    this.#sentAtMs = undefined;
  }

  resume(): Promise<void> {
    this.stop();
    this.ask();
    return Promise.resolve();
  }

  #countHeld(): void {
    if (this.#heldAtMs === undefined) return;
    const { clock, intervalMs, onSkipped } = this.#options;
    const missed = Math.floor((clock.monotonicMs() - this.#heldAtMs) / intervalMs);
    this.#heldAtMs = undefined;
    if (missed > 0) onSkipped(missed, "queue_full");
  }

  async #keepPolling(run: Run): Promise<void> {
    const { clock, intervalMs, onSkipped } = this.#options;
    const { signal } = run.ended;
    while (this.#nodes.size === 0) if (!await this.#begun.isWoken(signal)) return;
    for (let dueMs = clock.monotonicMs(); !signal.aborted; dueMs += intervalMs) {
      await this.#poll(signal);
      const missed = Math.floor((clock.monotonicMs() - dueMs) / intervalMs) - 1;
      if (missed > 0 && !signal.aborted) {
        dueMs += missed * intervalMs;
        onSkipped(missed, "too_slow");
      }
      const restMs = dueMs + intervalMs - clock.monotonicMs();
      if (restMs > 0) await clock.sleep(restMs, signal).catch(() => {}); // only the signal ends it early
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    for await (const values of this.#reads.of([...this.#nodes.values()], signal)) {
      // An answer that comes after all is handed over: it was asked for while values were wanted.
      this.#options.onData(values);
      if (signal.aborted) return;
    }
  }

  /** A Read, and when it was sent and answered; a refusal is an answer too. */
  async #read(nodes: readonly PolledNode[]): Promise<DataChange> {
    const { clock, read } = this.#options;
    const run = this.#run;
    this.#sentAtMs = clock.monotonicMs();
    try {
      const values = await read(nodes);
      this.#answered(run);
      return values;
    } catch (error) {
      if (statusIn(error)) this.#answered(run);
      throw error;
    }
  }

  #answered(run: Run | undefined): void {
    this.#heardAtMs = this.#options.clock.monotonicMs();
    if (run === this.#run) this.#sentAtMs = undefined;
  }

  /** Without a status the connection broke: the library mends it, and `isSilent` tells when it does not. */
  #failed(run: Run, error: unknown): void {
    if (run.ended.signal.aborted) return;
    const status = statusIn(error);
    if (status) this.#options.onLost(`the server does not answer a Read: ${saying(status)}`);
  }
}
