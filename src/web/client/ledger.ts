/** What became of everything received, as `GET /api/ledger` tells it. */
export interface LedgerTerms {
  readonly received: number;
  readonly written: number;
  readonly queued: number;
  readonly spooled: number;
  readonly dead_lettered: number;
  readonly filtered: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly quarantined: number;
  readonly exported: number;
  readonly purged: number;
  readonly lost_at_crash: number;
}

export interface Ledger {
  readonly total: LedgerTerms;
  readonly sources: Readonly<Record<string, LedgerTerms>>;
  readonly balanced: boolean;
  readonly since?: string | number;
}

/** The terms that `received` is the sum of, in words, in the order of the way of a row. */
export const TERMS: readonly { readonly key: Exclude<keyof LedgerTerms, "received">; readonly text: string }[] = [
  { key: "written", text: "Written" },
  { key: "queued", text: "In memory" },
  { key: "spooled", text: "In the spool" },
  { key: "dead_lettered", text: "Dead letters" },
  { key: "filtered", text: "Filtered" },
  { key: "dropped", text: "Dropped" },
  { key: "quarantined", text: "Quarantined" },
  { key: "exported", text: "Exported" },
  { key: "purged", text: "Purged" },
  { key: "lost_at_crash", text: "Lost at a crash" },
];

export function termOf(terms: LedgerTerms, key: keyof LedgerTerms): number {
  const value = terms[key] ?? 0;
  return typeof value === "number" ? value : Object.values(value).reduce((sum, each) => sum + each, 0);
}
