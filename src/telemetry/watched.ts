/** What is read when somebody asks for the metrics: the shapes of `src/buffer`, as far as they are shown. */

export interface WatchedLevel {
  readonly unsent: number;
  readonly maxUnsent: number;
  readonly queued: number;
  readonly queuedBytes: number;
  readonly spooledBytes: number;
}

/** The terms of the ledger that are one number each. */
export const LEDGER_STATES = [
  "received",
  "written",
  "queued",
  "spooled",
  "dead_lettered",
  "filtered",
  "quarantined",
  "exported",
  "purged",
  "lost_at_crash",
] as const;

export type WatchedTerms =
  & Readonly<Record<(typeof LEDGER_STATES)[number], number>>
  & { readonly dropped: Readonly<Record<string, number>> };

export interface WatchedLedger {
  readonly total: WatchedTerms;
  readonly sources: Readonly<Record<string, WatchedTerms>>;
  readonly balanced: boolean;
}

/** The buffer, as seen by who measures it. */
export interface WatchedBuffer {
  level(): WatchedLevel;
  ledger(): WatchedLedger;
}

/** The process, as its runtime sees it. */
export interface ProcessUse {
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** User and system time since the start. */
  readonly cpuSeconds: number;
}

/** All terms as pairs of state and number; what was dropped is one number. */
export function ledgerPairs(terms: WatchedTerms): [state: string, rows: number][] {
  const dropped = Object.values(terms.dropped).reduce((sum, n) => sum + n, 0);
  return [...LEDGER_STATES.map((state): [string, number] => [state, terms[state]]), ["dropped", dropped]];
}
