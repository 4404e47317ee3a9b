import type { LedgerTerms } from "../core/ledger_terms.ts";

export type { LedgerTerms } from "../core/ledger_terms.ts";

/** The counters. The gauges are not counted here but measured where the rows are, so that the balance means something. */
export type LedgerCounter = Exclude<keyof LedgerTerms, "queued" | "spooled" | "dead_lettered" | "dropped">;
export type LedgerGauges = Pick<LedgerTerms, "queued" | "spooled" | "dead_lettered">;

export interface LedgerSnapshot {
  readonly total: LedgerTerms;
  readonly sources: Readonly<Record<string, LedgerTerms>>;
  /** Whether received equals the sum of the rest, for the total and for each source. */
  readonly balanced: boolean;
  /** When counting began: microseconds since 1970-01-01 UTC. */
  readonly since: number;
}

/** What is kept of a source's counters over a restart. */
export interface LedgerRecord {
  readonly counters: Readonly<Record<LedgerCounter, number>>;
  readonly dropped: Readonly<Record<string, number>>;
}

interface Counts {
  readonly counters: Record<LedgerCounter, number>;
  readonly dropped: Record<string, number>;
}

/** Counts per source what happened to its rows. */
export class Ledger {
  readonly #since: number;
  readonly #sources = new Map<string, Counts>();
  readonly #changed = new Set<string>();

  constructor(sinceUs: number) {
    this.#since = sinceUs;
  }

  count(source: string, term: LedgerCounter, rows: number): void {
    this.#of(source).counters[term] += rows;
    this.#changed.add(source);
  }

  countDropped(source: string, reason: string, rows: number): void {
    const { dropped } = this.#of(source);
    dropped[reason] = (dropped[reason] ?? 0) + rows;
    this.#changed.add(source);
  }

  /** Makes the source one of those that `takeChanged` returns. */
  touch(source: string): void {
    this.#changed.add(source);
  }

  /** Goes on from where an earlier process stopped. */
  restore(source: string, { counters, dropped }: LedgerRecord): void {
    const counts = this.#of(source);
    Object.assign(counts.counters, counters);
    Object.assign(counts.dropped, dropped);
  }

  /** The counters of the sources that counted since the last call, copied. */
  takeChanged(): ReadonlyMap<string, LedgerRecord> {
    const changed = [...this.#changed].map((source) => {
      const { counters, dropped } = this.#of(source);
      return [source, { counters: { ...counters }, dropped: { ...dropped } }] as const;
    });
    this.#changed.clear();
    return new Map(changed);
  }

  /** All terms now; `gauges` are what the buffer found when it looked, by source. */
  snapshot(gauges: ReadonlyMap<string, LedgerGauges>): LedgerSnapshot {
    const names = new Set([...this.#sources.keys(), ...gauges.keys()]);
    const sources = Object.fromEntries([...names].map((name) => [name, this.#terms(name, gauges.get(name))]));
    const total = Object.values(sources).reduce(add, emptyTerms());
    return {
      total,
      sources,
      balanced: Object.values(sources).every((terms) => difference(terms) === 0),
      since: this.#since,
    };
  }

  #terms(source: string, gauges: LedgerGauges = { queued: 0, spooled: 0, dead_lettered: 0 }): LedgerTerms {
    const { counters, dropped } = this.#of(source);
    return { ...counters, ...gauges, dropped: { ...dropped } };
  }

  #of(source: string): Counts {
    let counts = this.#sources.get(source);
    if (!counts) {
      const { queued: _q, spooled: _s, dead_lettered: _d, dropped: _o, ...counters } = emptyTerms();
      counts = { counters, dropped: {} };
      this.#sources.set(source, counts);
    }
    return counts;
  }
}

/** `received` less the sum of the rest: 0 where the ledger balances. */
export function difference(terms: LedgerTerms): number {
  const dropped = Object.values(terms.dropped).reduce((sum, n) => sum + n, 0);
  const found = terms.written + terms.queued + terms.spooled + terms.dead_lettered + terms.filtered + dropped +
    terms.quarantined + terms.exported + terms.purged + terms.lost_at_crash;
  return terms.received - found;
}

function emptyTerms(): LedgerTerms {
  return {
    received: 0,
    written: 0,
    queued: 0,
    spooled: 0,
    dead_lettered: 0,
    filtered: 0,
    dropped: {},
    quarantined: 0,
    exported: 0,
    purged: 0,
    lost_at_crash: 0,
  };
}

function add(a: LedgerTerms, b: LedgerTerms): LedgerTerms {
  const dropped = { ...a.dropped };
  for (const [reason, n] of Object.entries(b.dropped)) dropped[reason] = (dropped[reason] ?? 0) + n;
  return {
    received: a.received + b.received,
    written: a.written + b.written,
    queued: a.queued + b.queued,
    spooled: a.spooled + b.spooled,
    dead_lettered: a.dead_lettered + b.dead_lettered,
    filtered: a.filtered + b.filtered,
    dropped,
    quarantined: a.quarantined + b.quarantined,
    exported: a.exported + b.exported,
    purged: a.purged + b.purged,
    lost_at_crash: a.lost_at_crash + b.lost_at_crash,
  };
}
