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
  readonly supervisors: readonly Supervisor[];
  readonly forwarders: readonly Forwarder[];
  readonly buffer: Buffer;
  readonly clock: Clock;
}

/** All sources into the buffer, and all lanes out of it. */
export class Pipeline implements AsyncDisposable {
  readonly #options: PipelineOptions;
  readonly #stopping = new AbortController();
  readonly #killed = new AbortController();
  #sources: Promise<unknown> = Promise.resolve();
  readonly #lanes: Promise<void>[] = [];

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  start(): void {
    const { supervisors, forwarders } = this.#options;
    const ends = { stopping: this.#stopping.signal, killed: this.#killed.signal };
    this.#sources = Promise.all(supervisors.map((supervisor) => supervisor.run(ends)));
    for (const forwarder of forwarders) this.add(forwarder);
  }

  /** One more lane, which runs at once. */
  add(forwarder: Forwarder): void {
    this.#lanes.push(forwarder.run(this.#killed.signal));
  }

  /** Takes no more, sends what is queued as far as `limits` allow, and ends. Resolves with whether all was sent. */
  async stop(limits: DrainLimits): Promise<boolean> {
    this.#stopping.abort(new Error("the connector stops"));
    this.#options.buffer.sourcesEnd?.();
    const isDrained = await this.#drain(limits);
    // What is drained is acknowledged: sources still have to say so to their devices.
    if (isDrained) await within(this.#sources, limits.idleMs, this.#options.clock);
    await this[Symbol.asyncDispose]();
    return isDrained;
  }

  /** Gives up what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#killed.abort(new Error("the connector has stopped"));
    await Promise.all([this.#sources, ...this.#lanes]);
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
