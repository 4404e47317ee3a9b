import type { Clock } from "../../core/clock.ts";
import { laneNamed } from "../../core/lane.ts";
import { difference, Ledger, type LedgerGauges } from "../ledger.ts";
import { NEXT_LETTER_KEY } from "./job.ts";
import { FORMAT, type Meta, META_KEY } from "./load.ts";
import type { Names } from "./names.ts";
import { isCount, isLane, isLedgerRecord, isName, isNext, isSeq } from "./plain_records.ts";
import type { Finds } from "./salvage_finds.ts";
import { Gaps } from "./salvage_gaps.ts";
import { addTo, type PerSource } from "./spool_chunk.ts";
import type { Entry } from "./store.ts";

export interface BooksDeps {
  readonly finds: Finds;
  readonly names: Names;
  /** Id of the key that seals from now on. */
  readonly keyId: string;
  readonly clock: Clock;
}

/** What a salvaged spool is to say beside its rows and letters: counters that balance, and numbers that nobody gives twice. */
export class Books {
  readonly #deps: BooksDeps;
  readonly #ledger: Ledger;
  readonly #meta: Partial<Meta>;
  /** Names of sources whose counters are known. */
  readonly #counted = new Set<string>();
  readonly #heads = new Map<number, number>();
  readonly #nextSeq = new Map<number, number>();
  readonly #spooled: PerSource = new Map();
  readonly #letters: PerSource = new Map();
  readonly #unreadable: PerSource = new Map();
  readonly #gaps: Gaps;
  #nextLetter = 1;

  constructor(deps: BooksDeps) {
    this.#deps = deps;
    const { finds, clock } = deps;
    this.#meta = (finds.record(META_KEY) ?? {}) as Partial<Meta>; // of any shape: looked at below
    const { sinceUs } = this.#meta;
    this.#ledger = new Ledger(isCount(sinceUs) ? sinceUs : clock.nowUs());
    const nextLetter = finds.record(NEXT_LETTER_KEY);
    if (isNext(nextLetter)) this.#nextLetter = nextLetter;
    this.#gaps = new Gaps(finds);
    this.#readLedger();
    this.#readSeqs();
    this.#readHeads();
  }

  /** Rows of the lane up to this `seq` were acknowledged. */
  headOf(lane: number): number {
    return this.#heads.get(lane) ?? 0;
  }

  /** A row of the lane with this `seq` was there, whether it can be read or not. */
  sawRow(lane: number, seq: number): void {
    this.#sawSeq(this.#tableOf(lane), seq);
  }

  /** Rows of the lane that were found, or are known to have been acknowledged. */
  sawRows(lane: number, range: { readonly firstSeq: number; readonly lastSeq: number }): void {
    this.sawRow(lane, range.lastSeq);
    this.#gaps.account(this.#tableOf(lane), range);
  }

  sawLetter(id: number): void {
    this.#nextLetter = Math.max(this.#nextLetter, id + 1);
  }

  /** Rows that were copied. */
  addRows(live: Iterable<readonly [source: number, rows: number]>): void {
    for (const [source, rows] of live) addTo(this.#spooled, source, rows);
  }

  /** A letter that was copied. */
  addLetter(source: number): void {
    addTo(this.#letters, source, 1);
  }

  /** Rows whose chunk cannot be read. */
  addUnreadable(live: Iterable<readonly [source: number, rows: number]>): void {
    for (const [source, rows] of live) addTo(this.#unreadable, source, rows);
  }

  /** Rows that were copied. */
  get rows(): number {
    return sumOf(this.#spooled);
  }

  /** Letters that were copied. */
  get letters(): number {
    return sumOf(this.#letters);
  }

  /** Makes the ledger balance. Says how many rows and letters were lost by that, and what the store is to say. */
  close(): { readonly lost: number; readonly entries: Entry[] } {
    const { names, keyId, clock } = this.#deps;
    for (const [source, rows] of this.#unreadable) {
      const name = names.nameOf(source);
      if (!this.#counted.has(name)) this.#ledger.count(name, "received", rows); // else they are counted in already
    }
    const lost = this.#balance();
    const meta: Meta = { format: FORMAT, keyId, sinceUs: this.#ledger.snapshot(new Map()).since };
    return {
      lost,
      entries: [
        { key: META_KEY, value: meta },
        { key: NEXT_LETTER_KEY, value: this.#nextLetter },
        ...[...this.#heads].map(([lane, head]) => ({ key: ["head", lane], value: head })),
        ...[...this.#nextSeq].map(([table, seq]) => ({ key: ["seq", table], value: seq })),
        ...this.#gaps.records(new Map([...this.#nextSeq].map(([table, seq]) => [table, seq - 1])), clock.nowUs()),
        ...[...this.#ledger.takeChanged()].map(([name, value]) => ({ key: ["ledger", names.numberOf(name)], value })),
      ],
    };
  }

  /** What is missing against `received` was lost, and what is there beyond it was received: by a record that is older. */
  #balance(): number {
    let lost = 0;
    const { sources } = this.#ledger.snapshot(this.#gauges());
    for (const [name, terms] of Object.entries(sources)) {
      const missing = difference(terms);
      lost += Math.max(0, missing);
      if (missing > 0) this.#ledger.count(name, "quarantined", missing);
      else this.#ledger.count(name, "received", -missing);
    }
    return lost;
  }

  #gauges(): Map<string, LedgerGauges> {
    const { names } = this.#deps;
    const sources = new Set([...this.#spooled.keys(), ...this.#letters.keys()]);
    return new Map([...sources].map((source) => [names.nameOf(source), {
      queued: 0,
      spooled: this.#spooled.get(source) ?? 0,
      dead_lettered: this.#letters.get(source) ?? 0,
    }]));
  }

  #readLedger(): void {
    const { finds, names } = this.#deps;
    for (const { key, value } of finds.records("ledger")) {
      if (!isName(key[1], names) || !isLedgerRecord(value)) continue;
      const name = names.nameOf(key[1]);
      this.#ledger.restore(name, value);
      this.#counted.add(name);
    }
  }

  #readSeqs(): void {
    for (const { key, value } of this.#deps.finds.records("seq")) {
      if (isName(key[1], this.#deps.names) && isNext(value)) this.#sawSeq(key[1], value - 1);
    }
  }

  /** A head beyond the numbers that were given acknowledges nothing; they are not given again all the same. */
  #readHeads(): void {
    const { finds, names } = this.#deps;
    for (const { key: [, lane], value } of finds.records("head")) {
      if (!isLane(lane, names) || !isSeq(value)) continue;
      const next = this.#nextSeq.get(this.#tableOf(lane)) ?? Infinity;
      if (value < next) this.#heads.set(lane, value);
      else this.sawRow(lane, value);
    }
    for (const [lane, head] of this.#heads) this.sawRows(lane, { firstSeq: head, lastSeq: head });
  }

  #tableOf(lane: number): number {
    const { names } = this.#deps;
    return names.numberOf(laneNamed(names.nameOf(lane)).table);
  }

  #sawSeq(table: number, seq: number): void {
    this.#nextSeq.set(table, Math.max(this.#nextSeq.get(table) ?? 1, seq + 1));
  }
}

function sumOf(counts: PerSource): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
