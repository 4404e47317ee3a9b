import type { MqttTag } from "../reading.ts";
import type { DataType } from "./data_type.ts";
import type { Metric } from "./payload.ts";

/** What a birth said of a metric. */
export interface KnownMetric {
  readonly name: string;
  readonly dataType: DataType;
  unit: string | undefined;
  /** Of its data, made when the first comes. */
  dataTag: MqttTag | undefined;
}

/** Of name, unit and topic together: half a kilobyte more is memory like that of one more metric. */
const CHARACTERS_PER_METRIC = 512;

/** The metrics of one birth, by the names and the aliases that it gave them. */
export class KnownMetrics {
  readonly #byName = new Map<string, KnownMetric>();
  readonly #byAlias = new Map<number | bigint, KnownMetric | "ambiguous">();
  /** Characters of what names the node or device, which the tag of each metric has too. */
  readonly #placeCharacters: number;
  #size: number;

  constructor(placeCharacters: number) {
    this.#placeCharacters = placeCharacters;
    this.#size = Math.floor(placeCharacters / CHARACTERS_PER_METRIC);
  }

  /** How much they take, in metrics: one with long texts counts as several, and so does one with several aliases. */
  get size(): number {
    return this.#size;
  }

  add(known: KnownMetric, alias: Metric["alias"]): void {
    const characters = known.name.length + (known.unit?.length ?? 0) + this.#placeCharacters;
    this.#size += 1 + Math.floor(characters / CHARACTERS_PER_METRIC);
    this.#byName.set(known.name, known);
    if (alias === undefined) return;
    const before = this.#byAlias.get(alias);
    const isTwice = before === "ambiguous" || (before !== undefined && before.name !== known.name);
    this.#byAlias.set(alias, isTwice ? "ambiguous" : known);
  }

  named(name: string): KnownMetric | undefined {
    return this.#byName.get(name);
  }

  /** `ambiguous` where the birth gave the alias to more than one metric. */
  aliased(alias: number | bigint): KnownMetric | "ambiguous" | undefined {
    return this.#byAlias.get(alias);
  }

  [Symbol.iterator](): Iterator<KnownMetric> {
    return this.#byName.values();
  }
}
