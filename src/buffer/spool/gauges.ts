import type { LedgerGauges } from "../ledger.ts";
import type { Names } from "./names.ts";
import type { PerSource } from "./spool_chunk.ts";

/** Where rows are now: by the names of their sources what is in memory alone, by the numbers of those names the rest. */
export interface Whereabouts {
  readonly queued: ReadonlyMap<string, number>;
  readonly spooled: ReadonlyMap<number, number>;
  readonly letters: ReadonlyMap<number, number>;
}

export function gaugesOf({ queued, spooled, letters }: Whereabouts, names: Names): Map<string, LedgerGauges> {
  const known = [...spooled.keys(), ...letters.keys()].map((number) => names.nameOf(number));
  return new Map([...new Set([...queued.keys(), ...known])].map((name) => {
    const number = names.numberOf(name);
    const dead_lettered = letters.get(number) ?? 0;
    return [name, { queued: queued.get(name) ?? 0, spooled: spooled.get(number) ?? 0, dead_lettered }];
  }));
}

/** Adds rows by the names of their sources. */
export function addNamed(counts: Map<string, number>, rows: PerSource, names: Names): void {
  for (const [source, count] of rows) {
    const name = names.nameOf(source);
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
}
