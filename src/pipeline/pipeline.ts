import type { Buffer } from "../buffer/buffer.ts";
import type { Clock } from "../core/clock.ts";
import { within } from "../lib/within.ts";
import type { Forwarder } from "./forwarder.ts";
import type { Supervisor } from "./supervisor.ts";

export interface DrainLimits {
  /** Once nothing was acknowledged for so long, the sink counts as away, and draining ends. */
  readonly idleMs: number;
  /** The longest that draining may take. */
  readonly maxMs: number;
}

export interface PipelineOptions {
  readonly buffer: Buffer;
  readonly clock: Clock;
}

interface Lane {
  readonly killed: AbortController;
  /** Never rejects. */
  readonly done: Promise<void>;
}

/** A source, and the two ways to end it. */
interface Running {
  readonly supervisor: Supervisor;
  readonly stopping: AbortController;
  readonly killed: AbortController;
  /** Never rejects. */
  readonly done: Promise<void>;
}

/** All sources into the buffer, and all lanes out of it. */
export class Pipeline implements AsyncDisposable {
  readonly #options: PipelineOptions;
  readonly #stopping = new AbortController();
  readonly #killed = new AbortController();
  readonly #sources = new Map<string, Running>();
  readonly #lanes = new Map<string, Lane>();

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** One more source, which runs at once. No other of its name may run. */
  addSource(supervisor: Supervisor): void {
    const [stopping, killed] = [new AbortController(), new AbortController()];
    const ends = {
      stopping: AbortSignal.any([this.#stopping.signal, stopping.signal]),
      killed: AbortSignal.any([this.#killed.signal, killed.signal]),
    };
    this.#sources.set(supervisor.name, { supervisor, stopping, killed, done: supervisor.run(ends) });
  }

  /** Lets these try to connect at once, where they wait. */
  tryNow(names: readonly string[]): void {
    for (const name of names) this.#sources.get(name)?.supervisor.tryNow();
  }

  /**
   * Ends one source: it takes no more, and what it took is acknowledged to its device once it is safe. What is not safe
   * within `settleMs` is given back, and the device sends it again.
   */
  async removeSource(name: string, settleMs: number): Promise<void> {
    const running = this.#sources.get(name);
    if (!running) return;
    running.stopping.abort(new Error("the source ends"));
    if (!await within(running.done, settleMs, this.#options.clock)) {
      running.killed.abort(new Error("the source has ended"));
    }
    await running.done;
    if (this.#sources.get(name) === running) this.#sources.delete(name);
  }

  /** One more lane, which runs at once. */
  add(forwarder: Forwarder): void {
    const killed = new AbortController();
    const done = forwarder.run(AbortSignal.any([this.#killed.signal, killed.signal]));
    this.#lanes.set(forwarder.lane, { killed, done });
  }

  /** Ends a lane in which no row waits. */
  async remove(id: string): Promise<void> {
    const lane = this.#lanes.get(id);
    lane?.killed.abort(new Error("the lane ends"));
    await lane?.done;
    if (this.#lanes.get(id) === lane) this.#lanes.delete(id);
  }

  /** Takes no more, sends what is queued as far as `limits` allow, and ends. Resolves with whether all was sent. */
  async stop(limits: DrainLimits): Promise<boolean> {
    this.#stopping.abort(new Error("the connector stops"));
    this.#options.buffer.sourcesEnd?.();
    const isDrained = await this.#drain(limits);
    // What is drained is acknowledged: sources still have to say so to their devices.
    if (isDrained) await within(this.#ended, limits.idleMs, this.#options.clock);
    await this[Symbol.asyncDispose]();
    return isDrained;
  }

  /** Gives up what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#killed.abort(new Error("the connector has stopped"));
    await Promise.all([this.#ended, ...[...this.#lanes.values()].map(({ done }) => done)]);
  }

  get #ended(): Promise<unknown> {
    return Promise.all([...this.#sources.values()].map(({ done }) => done));
  }

  async #drain({ idleMs, maxMs }: DrainLimits): Promise<boolean> {
    const { buffer, clock } = this.#options;
    const endMs = clock.monotonicMs() + maxMs;
    for (let written = -1; written !== this.#written && clock.monotonicMs() < endMs;) {
      written = this.#written;
      const waitMs = Math.min(idleMs, endMs - clock.monotonicMs());
      if (await within(buffer.drained(this.#killed.signal), waitMs, clock)) return true;
    }
    return buffer.level().queued === 0;
  }

  get #written(): number {
    const { written, dead_lettered } = this.#options.buffer.ledger().total;
    return written + dead_lettered;
  }
}
