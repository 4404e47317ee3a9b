/** What became of what was received, in rows (or undecodable messages). Gauges say what is, counters what has happened. */
export interface LedgerTerms {
  /** Counter: a source handed it over. */
  readonly received: number;
  /** Counter: the acknowledging sink acknowledged it, once per row. */
  readonly written: number;
  /** Gauge: in memory only. */
  readonly queued: number;
  /** Gauge: committed to disk and not acknowledged. */
  readonly spooled: number;
  /** Gauge: in the dead letters now. */
  readonly dead_lettered: number;
  /** Counter: taken out by reduction or validation. */
  readonly filtered: number;
  /** Counters by reason: taken out by a drop policy. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Counter: rows of unreadable chunks. */
  readonly quarantined: number;
  /** Counter: carried out by export. */
  readonly exported: number;
  /** Counter: dead letters deleted, by a person or by their size limit. */
  readonly purged: number;
  /** Counter: upper bound of what a kill lost in `memory` mode. */
  readonly lost_at_crash: number;
}
