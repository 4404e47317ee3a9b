import { z } from "zod";
import { ConnectionError, type EdgeError } from "../../src/core/error.ts";
import type { Batch, Reading } from "../../src/core/reading.ts";
import type { Source, SourceConfig, SourceDeps, SourceSpec } from "../../src/core/source.ts";
import { Condition } from "../../src/lib/condition.ts";
import { FakeBrowse, type FakeTree } from "./browse.ts";
import { numbered } from "./rows.ts";

/** A device whose readings a test decides, and all sessions with it. */
export class FakeDevice {
  readonly sessions: FakeSource[] = [];
  /** Tags of batches that were acknowledged, by the number of their first reading. */
  readonly acked: number[] = [];
  readonly nacked: EdgeError[] = [];
  /** What `connect` throws, while there is something. */
  refusal: unknown;
  /** The same for single endpoints. */
  readonly refusals = new Map<string, unknown>();
  /** Endpoints at which nothing answers. */
  readonly unreachable = new Set<string>();
  /** It takes connections and never answers. */
  isSilent = false;
  /** Its sessions come to no end. */
  isEndless = false;
  /** What it shows to who looks around; undefined: its protocol cannot. */
  tree: FakeTree | undefined;
  /** So many pages it shows to each who looks around, and says no more then. */
  maxPages = Infinity;
  /** All browsing sessions with it. */
  readonly looks: FakeBrowse[] = [];
  /** Whether its batches wait for their acknowledgement. */
  isWithheld = false;

  /** The protocol `fake`, which reads from this device. */
  get spec(): SourceSpec {
    return {
      type: "fake",
      message: "FakeRecord",
      summary: "A device for tests.",
      endpoint: z.string(),
      schema: z.unknown(),
      list: "tags",
      unsupported: () => [],
      encoder: () => (reading) => new TextEncoder().encode(`${reading.tag}:${reading.eventTimeUs}`),
      load: () => Promise.resolve({ create: (config, deps) => this.#open(config.endpoint, deps), ...this.#browsing() }),
    };
  }

  /** The newest session. */
  get session(): FakeSource {
    const session = this.sessions.at(-1);
    if (!session) throw new Error("nobody connected");
    return session;
  }

  #browsing(): { browse?: (config: SourceConfig) => FakeBrowse } {
    const { tree } = this;
    if (!tree) return {};
    const browse = ({ endpoint }: SourceConfig) => {
      const refusal = this.unreachable.has(endpoint) ? unreachable(endpoint) : this.refusal;
      const look = new FakeBrowse(tree, refusal, this.maxPages);
      this.looks.push(look);
      return look;
    };
    return { browse };
  }

  #open(endpoint: string, deps: SourceDeps): FakeSource {
    const session = new FakeSource(this, endpoint, deps);
    this.sessions.push(session);
    return session;
  }
}

/** One session with a fake device. */
export class FakeSource implements Source {
  readonly endpoint: string;
  readonly deps: SourceDeps;
  isDisposed = false;
  /** How many batches were handed over. */
  given = 0;
  readonly #device: FakeDevice;
  readonly #news = new Condition();
  readonly #waiting: Batch[] = [];
  readonly #over = new AbortController();
  #lost: unknown;

  constructor(device: FakeDevice, endpoint: string, deps: SourceDeps) {
    this.#device = device;
    this.endpoint = endpoint;
    this.deps = deps;
  }

  get lost(): AbortSignal {
    return this.#over.signal;
  }

  connect(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#device.unreachable.has(this.endpoint)) {
      return Promise.reject(unreachable(this.endpoint));
    }
    if (this.#device.isSilent) return new Condition().wait(signal);
    const refusal = this.#device.refusals.get(this.endpoint) ?? this.#device.refusal;
    return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
  }

  async *batches(signal: AbortSignal): AsyncIterable<Batch> {
    while (!signal.aborted) {
      const batch = this.#waiting.shift();
      if (batch) {
        this.given++;
        yield batch;
      } else if (this.#lost !== undefined) throw this.#lost;
      else await this.#news.wait(signal).catch(() => {/* aborted: the loop ends */});
    }
  }

  /** The device reports readings numbered from `from`. */
  produce(count: number, from = 0): void {
    this.give(numbered(count, from), from);
  }

  give(readings: readonly Reading[], number = 0): void {
    const { isWithheld, acked, nacked } = this.#device;
    this.#waiting.push({
      readings,
      isWithheld,
      ack: () => void acked.push(number),
      nack: (reason) => void nacked.push(reason),
    });
    this.#news.wake();
  }

  lose(why: unknown = new ConnectionError("lost", "the cable was pulled")): void {
    this.#lost = why;
    this.#over.abort(why);
    this.#news.wake();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    return this.#device.isEndless ? new Promise(() => {}) : Promise.resolve();
  }
}

function unreachable(endpoint: string): ConnectionError {
  return new ConnectionError("unreachable", `Cannot reach ${endpoint}`);
}
