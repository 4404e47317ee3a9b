import type { Clock } from "../core/clock.ts";

const MEASURE_MS = 60_000;

/** What the audit has on the disk, measured once a minute however often health is asked for. */
export function auditSize(audit: { bytes(): number }, clock: Pick<Clock, "monotonicMs">): () => number {
  let measured: { readonly atMs: number; readonly bytes: number } | undefined;
  return () => {
    const atMs = clock.monotonicMs();
    if (!measured || atMs - measured.atMs >= MEASURE_MS) measured = { atMs, bytes: measure(audit) };
    return measured.bytes;
  };
}

/** Whoever cannot read the audit is told where it is shown, and where a change is refused. */
function measure(audit: { bytes(): number }): number {
  try {
    return audit.bytes();
  } catch {
    return 0;
  }
}
