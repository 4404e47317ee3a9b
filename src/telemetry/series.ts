import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** The values of a metric's labels. They come from the configuration or from words of the program, never from a device. */
export type Labels<L extends string> = Readonly<Record<L, string>>;

/** Most series of one counter. Beyond it a value that keeps changing would fill the memory of whoever scrapes. */
const MAX_SERIES = 10_000;

/** A counter whose series are found again without hashing all labels: adding is one look into a map. */
export class CounterFamily<L extends string> {
  readonly #counter: Counter<L>;
  readonly #names: readonly L[];
  readonly #series = new Map<string, Counter.Internal>();

  constructor(registry: Registry, name: string, { help, labels }: { help: string; labels: readonly L[] }) {
    this.#counter = new Counter({ name, help, labelNames: labels, registers: [registry] });
    this.#names = labels;
  }

  /** Adds to the series with these labels. Beyond the most series a new one is not begun, and the amount is not counted. */
  add(labels: Labels<L>, amount = 1): void {
    let key = "";
    for (const name of this.#names) key += `${labels[name]}\n`;
    let series = this.#series.get(key);
    if (!series) {
      if (this.#series.size >= MAX_SERIES) return;
      series = this.#counter.labels(labels);
      this.#series.set(key, series);
    }
    series.inc(amount);
  }
}

/** Gauges of a set of names of which exactly one holds: 1 for it, 0 for the others (OpenMetrics, "StateSet"). */
export class StateFamily<K extends string, S extends string> {
  readonly #gauge: Gauge<K | "state">;
  readonly #key: K;
  readonly #states: readonly S[];
  readonly #owners = new Set<string>();

  constructor(registry: Registry, name: string, { help, key, states }: { help: string; key: K; states: readonly S[] }) {
    this.#gauge = new Gauge<K | "state">({ name, help, labelNames: [key, "state"], registers: [registry] });
    this.#key = key;
    this.#states = states;
  }

  has(owner: string): boolean {
    return this.#owners.has(owner);
  }

  set(owner: string, current: S): void {
    this.#owners.add(owner);
    for (const state of this.#states) {
      // The computed key is K by its type, which the compiler widens to string.
      const labels = { [this.#key]: owner, state } as Record<K | "state", string>;
      this.#gauge.set(labels, state === current ? 1 : 0);
    }
  }

  /** There is no such owner any more. */
  remove(owner: string): void {
    this.#owners.delete(owner);
    for (const state of this.#states) {
      this.#gauge.remove({ [this.#key]: owner, state } as Record<K | "state", string>); // as above
    }
  }
}

/** A histogram of durations with one label. Takes milliseconds, shows seconds, as Prometheus advises. */
export class DurationFamily<L extends string> {
  readonly #histogram: Histogram<L>;
  readonly #label: L;
  readonly #series = new Map<string, Histogram.Internal<L>>();

  constructor(registry: Registry, name: string, options: { help: string; label: L; buckets: readonly number[] }) {
    const { help, label, buckets } = options;
    this.#histogram = new Histogram({ name, help, labelNames: [label], buckets: [...buckets], registers: [registry] });
    this.#label = label;
  }

  observe(owner: string, ms: number): void {
    let series = this.#series.get(owner);
    if (!series) {
      if (this.#series.size >= MAX_SERIES) return;
      series = this.#histogram.labels({ [this.#label]: owner } as Record<L, string>); // as above
      this.#series.set(owner, series);
    }
    series.observe(ms / 1000);
  }
}
