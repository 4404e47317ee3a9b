import type { LedgerTerms } from "../../core/ledger_terms.ts";

export type { LedgerTerms } from "../../core/ledger_terms.ts";

/** What became of everything received, as `GET /api/ledger` tells it. */
export interface Ledger {
  readonly total: LedgerTerms;
  readonly sources: Readonly<Record<string, LedgerTerms>>;
  readonly balanced: boolean;
  readonly since?: string | number;
}

type Term = Exclude<keyof LedgerTerms, "received">;

/** In the order of the way of a row. */
const TEXTS: Readonly<Record<Term, string>> = {
  written: "Written",
  queued: "In memory",
  spooled: "In the spool",
  dead_lettered: "Dead letters",
  filtered: "Filtered",
  dropped: "Dropped",
  quarantined: "Quarantined",
  exported: "Exported",
  purged: "Purged",
  lost_at_crash: "Lost at a crash",
};

/** The terms that `received` is the sum of, in words. */
export const TERMS: readonly { readonly key: Term; readonly text: string }[] = Object.entries(TEXTS).map((
  [key, text],
) => ({ key: key as Term, text })); // the keys of `TEXTS`

export function termOf(terms: LedgerTerms, key: keyof LedgerTerms): number {
  const value = terms[key] ?? 0;
  return typeof value === "number" ? value : Object.values(value).reduce((sum, each) => sum + each, 0);
}
