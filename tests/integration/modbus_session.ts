/** Sessions with a Modbus device, for tests: what they read and what they tell is kept. */
import { ConnectionError } from "../../src/core/error.ts";
import type { Batch } from "../../src/core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../src/core/source.ts";
import type { ModbusReading } from "../../src/sources/modbus/reading.ts";
import { modbus } from "../../src/sources/modbus/spec.ts";
import { type FakeSourceDeps, fakeSourceDeps } from "../fakes/source_deps.ts";
import type { ModbusServer } from "../peers/modbus_server.ts";
import { eventually } from "../wait.ts";

const { create } = await modbus.load();

/** The server at `port`: polled every 10 ms and given 100 ms to answer, unless `block` says otherwise. */
export function configOf(port: number, block: Record<string, unknown>): SourceConfig {
  const settings = modbus.schema.parse({ poll_interval_seconds: 0.01, timeout_seconds: 0.1, ...block });
  return { name: "plc", endpoint: `modbus+tcp://127.0.0.1:${port}`, labels: {}, settings };
}

export function sourceOf(
  port: number,
  block: Record<string, unknown>,
  deps: FakeSourceDeps = fakeSourceDeps(),
): Source {
  return create(configOf(port, block), deps);
}

/** Entries so far apart that each is a request of its own. */
export const APART = [0, 100, 200].map((address) => ({ name: `t${address}`, address }));

/** What was read, and what was told beside it. */
export class ReadLog {
  readonly deps: FakeSourceDeps;
  readonly batches: Batch[] = [];

  constructor(overrides: Partial<SourceDeps> = {}) {
    this.deps = fakeSourceDeps(overrides);
  }

  async read(source: Source, signal: AbortSignal): Promise<void> {
    for await (const batch of source.batches(signal)) {
      this.batches.push(batch);
      batch.ack();
    }
  }

  /** Every reading of `tag` so far. */
  readings(tag: string): ModbusReading[] {
    // The batches of this source hold its own readings.
    const all = this.batches.flatMap((batch) => batch.readings) as ModbusReading[];
    return all.filter((reading) => reading.tag === tag);
  }

  /** Waits for a reading of `tag` that is not here yet. */
  async newReading(tag: string): Promise<ModbusReading> {
    const known = this.readings(tag).length;
    return await eventually(`a new reading of ${tag}`, () => this.readings(tag)[known]);
  }

  /** Texts of the tag events so far: `failed t: why`, `recovered t`. */
  get tagEvents(): string[] {
    return this.deps.events.flatMap((event) => {
      if (event.kind === "tag_failed" && event.wasTold) return [];
      if (event.kind === "tag_failed") return [`failed ${event.tag}: ${event.reason}`];
      return event.kind === "tag_recovered" ? [`recovered ${event.tag}`] : [];
    });
  }
}

/** A session, read in the background until it ends or the test does. */
export class Session extends ReadLog implements AsyncDisposable {
  readonly #source: Source;
  readonly #stop = new AbortController();
  /** How reading ended: "returned" or the error. */
  ended: Promise<unknown> = Promise.resolve("not read");

  private constructor(server: ModbusServer, block: Record<string, unknown>, overrides: Partial<SourceDeps>) {
    super(overrides);
    this.#source = create(configOf(server.port, block), this.deps);
  }

  static async start(
    server: ModbusServer,
    block: Record<string, unknown>,
    overrides: Partial<SourceDeps> = {},
  ): Promise<Session> {
    const session = new Session(server, block, overrides);
    await session.#source.connect(AbortSignal.timeout(10_000));
    session.ended = session.read(session.#source, session.#stop.signal).then(() => "returned", (error) => error);
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.ended;
    await this.#source[Symbol.asyncDispose]();
  }
}

/** One session after another, each begun as soon as the one before has ended, until the test does. */
export class Sessions extends ReadLog implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(server: ModbusServer, block: Record<string, unknown>) {
    super();
    this.#ended = this.#run(configOf(server.port, block));
  }

  async #run(config: SourceConfig): Promise<void> {
    const adapter = await modbus.load();
    while (!this.#stop.signal.aborted) {
      await using source = adapter.create(config, this.deps);
      await source.connect(AbortSignal.timeout(10_000));
      try {
        await this.read(source, this.#stop.signal);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}
