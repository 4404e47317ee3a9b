import { Condition } from "../lib/condition.ts";
import type { RowBatch } from "./batcher.ts";

/** What is on its way to the sink, bounded by its bytes. */
export class InFlight {
  readonly #maxBytes: number;
  readonly #changed = new Condition();
  #batches = 0;
  #bytes = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(batch: RowBatch): void {
    this.#batches++;
    this.#bytes += batch.bytes;
  }

  remove(batch: RowBatch): void {
    this.#batches--;
    this.#bytes -= batch.bytes;
    this.#changed.wake();
    if (this.#batches > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  get isIdle(): boolean {
    return this.#batches === 0;
  }

  /** Resolves when another batch may go; `alone`: when nothing is in flight. @throws the signal's reason */
  async room(alone: boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (alone ? this.#batches > 0 : this.#bytes >= this.#maxBytes) await this.#changed.wait(signal);
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    if (this.#batches === 0) return Promise.resolve();
    // One promise for all who ask: every batch that is filled asks, and most of them never get an answer.
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }
}
