import type { Clock } from "../../core/clock.ts";
import type { Pace, PollSkipCause } from "../../core/source.ts";
import { Condition } from "../../lib/condition.ts";
import type { DataChange } from "./decode.ts";
import type { Deadbands } from "./deadbands.ts";
import { inSeconds, saying, statusIn } from "./errors.ts";
import type { Feed } from "./feed.ts";
import { batchesOf } from "./batches.ts";
import type { OperationLimits } from "./operation_limits.ts";
import type { PolledNode } from "./read_response.ts";
import type { Item, Watcher } from "./watched_nodes.ts";

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
  /** The most nodes that the server has taken in one call, where that is fewer than it states. */
  #limit = Infinity;
  #run: Run | undefined;
  /** The first nodes are there. */
  readonly #begun = new Condition();
  /** Since when nobody takes values. */
  #heldAtMs: number | undefined;
  #heardAtMs: number;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.monotonicMs();
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
    const { intervalMs, answerMs } = this.#options;
    return this.#run !== undefined && this.#nodes.size > 0 && this.quietMs > intervalMs + answerMs + LATE_MS;
  }

  get quietMs(): number {
    return this.#options.clock.monotonicMs() - this.#heardAtMs;
  }

  get breakReason(): string {
    const isQuiet = this.#run !== undefined && this.quietMs > this.#options.intervalMs + LATE_MS;
    return isQuiet ? `the server said nothing for ${inSeconds(this.quietMs)}` : "the connection broke";
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
    const { pace, limits } = this.#options;
    for (const nodes of batchesOf([...this.#nodes.values()], Math.min(this.#limit, limits.read))) {
      await pace?.turn(signal);
      if (signal.aborted) return;
      await this.#read(nodes, signal);
    }
  }

  async #read(nodes: readonly PolledNode[], signal: AbortSignal): Promise<void> {
    try {
      const values = await this.#options.read(nodes);
      this.#heardAtMs = this.#options.clock.monotonicMs();
      // An answer that comes after all is handed over: it was asked for while values were wanted.
      this.#options.onData(values);
    } catch (error) {
      if (signal.aborted) return;
      // A server may take fewer than it states.
      if (statusIn(error) !== "BadTooManyOperations" || nodes.length === 1) throw error;
      this.#limit = Math.ceil(nodes.length / 2);
      for (const half of batchesOf(nodes, this.#limit)) await this.#read(half, signal);
    }
  }

  /** Without a status the connection broke: the library mends it, and `isSilent` tells when it does not. */
  #failed(run: Run, error: unknown): void {
    if (run.ended.signal.aborted) return;
    const status = statusIn(error);
    if (status) this.#options.onLost(`the server does not answer a Read: ${saying(status)}`);
  }
}
