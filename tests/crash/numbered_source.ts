/** A device inside the connector's process that hands over numbered readings, and begins again where it is told to. */
import type { SourceEntry } from "../../src/config/mod.ts";
import type { Batch } from "../../src/core/reading.ts";
import type { Source, SourceConfig, SourceSpec } from "../../src/core/source.ts";
import type { MqttReading } from "../../src/sources/mqtt/reading.ts";
import { mqtt } from "../../src/sources/mqtt/spec.ts";

/** Tags of a source; each of its numbers comes once for every tag. */
export const TAGS = 4;
/** Numbers handed over and not accepted yet, at most: so many can come again after a kill. */
export const WINDOW = 500;
/** The most numbers that are handed over at once. */
const MAX_BATCH = 60;
const MAX_PAUSE_MS = 40;

export interface NumberedOptions {
  readonly name: string;
  /** In place of the table of MQTT. */
  readonly table: string | null;
  readonly first: number;
  readonly random: () => number;
  /** Told of the highest number that is accepted, with all below it. */
  readonly accepted: (number: number) => void;
}

/** An entry of the configuration that no file can hold: MQTT's rows without MQTT. */
export function numberedEntry(options: NumberedOptions): SourceEntry {
  const spec: SourceSpec = { ...mqtt, load: () => Promise.resolve({ create: () => new NumberedSource(options) }) };
  const config: SourceConfig = { name: options.name, endpoint: "mqtt://127.0.0.1", labels: {}, settings: {} };
  return {
    spec,
    config,
    isEnabled: true,
    table: options.table,
    alternates: [],
    rateLimit: { requests_per_second: null, readings_per_second: null },
  };
}

/** Some numbers, then a pause, and so on: rarely many at once, most often few. */
class NumberedSource implements Source {
  readonly #options: NumberedOptions;
  readonly #tags: readonly MqttReading["from"][];
  #accepted: number;
  #wake = () => {};

  constructor(options: NumberedOptions) {
    this.#options = options;
    this.#accepted = options.first - 1;
    this.#tags = Array.from({ length: TAGS }, (_, i) => {
      const topic = `${options.name}/t${i}`;
      return { name: topic, topic, sensorName: `t${i}`, sensorType: undefined, unit: undefined };
    });
  }

  async connect(): Promise<void> {}

  async *batches(signal: AbortSignal): AsyncIterable<Batch> {
    const { random, first } = this.#options;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    for (let next = first; !signal.aborted;) {
      const count = 1 + Math.floor(random() ** 3 * MAX_BATCH);
      while (next + count - 1 - this.#accepted > WINDOW && !signal.aborted) await this.#changed();
      if (signal.aborted) return;
      yield this.#batch(next, count);
      next += count;
      await this.#pause(random() * MAX_PAUSE_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #batch(from: number, count: number): Batch {
    const numbers = Array.from({ length: count }, (_, i) => from + i);
    const readings = numbers.flatMap((number) => this.#tags.map((tag) => readingOf(tag, number)));
    const ack = () => {
      this.#accepted = from + count - 1;
      this.#options.accepted(this.#accepted);
      this.#wake();
    };
    return { readings, isWithheld: true, ack, nack: () => {/* it comes again after the next start */} };
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

function readingOf(from: MqttReading["from"], number: number): MqttReading {
  const payload = new TextEncoder().encode(String(number));
  const common = { text: undefined, timestampMs: undefined, qos: 1, isRetained: false, payload };
  return { ...common, from, tag: from.name, eventTimeUs: Date.now() * 1000, value: number };
}
