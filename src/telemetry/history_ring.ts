/** Values of a series at even steps of time, the last ones: a step without a look stays empty. */
export class HistoryRing<K extends string> {
  readonly #slots: number;
  readonly #keys: readonly K[];
  /** Which step each slot is of. */
  readonly #steps: Float64Array;
  readonly #columns: ReadonlyMap<K, Float64Array>;

  constructor(slots: number, keys: readonly K[]) {
    this.#slots = slots;
    this.#keys = keys;
    this.#steps = new Float64Array(slots).fill(NaN);
    this.#columns = new Map(keys.map((key) => [key, new Float64Array(slots)]));
  }

  /** What was found at a step: its number since 1970-01-01 UTC. */
  put(step: number, values: Readonly<Partial<Record<K, number | undefined>>>): void {
    const slot = step % this.#slots;
    this.#steps[slot] = step;
    for (const [key, column] of this.#columns) column[slot] = values[key] ?? NaN;
  }

  /** The steps after `first`, as far as they are kept, up to `last`; null where nobody knows. */
  between(first: number, last: number): { readonly steps: number[]; readonly columns: Record<K, (number | null)[]> } {
    const length = Math.max(0, Math.min(this.#slots, last - first));
    const steps = Array.from({ length }, (_, at) => last - length + 1 + at);
    const columns = this.#keys.map((key) => [key, steps.map((step) => this.#at(key, step))] as const);
    return { steps, columns: Object.fromEntries(columns) as Record<K, (number | null)[]> }; // one for each key
  }

  #at(key: K, step: number): number | null {
    const slot = ((step % this.#slots) + this.#slots) % this.#slots;
    const value = this.#steps[slot] === step ? this.#columns.get(key)?.[slot] : undefined;
    return value === undefined || Number.isNaN(value) ? null : Math.round(value * 1000) / 1000;
  }
}
