import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { read } from "./api.ts";
import { type HistoryAnswer, type Sample, type Span, withAnswer } from "./history.ts";
import type { Ledger } from "./ledger.ts";

const POLL_MS = 2000;
/** The connector ends a minute once a minute. */
const MINUTE_POLL_MS = 30_000;

/** What the charts show, of one source or of all: as the connector keeps it, so that a reload shows the same. */
export function useHistory(span: Span, source: string): readonly Sample[] {
  const samples = useSignal<readonly Sample[]>([]);
  useEffect(() => {
    samples.value = [];
    const query = new URLSearchParams({ step: span.step, ...(source ? { source } : {}) });
    return poll(span.step === "second" ? POLL_MS : MINUTE_POLL_MS, async (signal) => {
      query.set("since", String(samples.value.at(-1)?.at ?? 0));
      const answer = await read<HistoryAnswer>(`/api/metrics/history?${query}`, signal);
      if (!signal.aborted) samples.value = withAnswer(samples.value, answer, span);
    });
  }, [span, source]);
  return samples.value;
}

/** What became of everything received; undefined before the first word. */
export function useLedger(): Ledger | undefined {
  const ledger = useSignal<Ledger | undefined>(undefined);
  useEffect(() => poll(POLL_MS, async (signal) => void (ledger.value = await read<Ledger>("/api/ledger", signal))), []);
  return ledger.value;
}

/** Asks at once and again, one question at a time, and not while the page is out of sight. */
function poll(everyMs: number, ask: (signal: AbortSignal) => Promise<void>): () => void {
  const ending = new AbortController();
  let isAsking = false;
  const tick = () => {
    if (document.hidden || isAsking) return;
    isAsking = true;
    ask(ending.signal).catch(() => {/* the bar tells of it */}).finally(() => isAsking = false);
  };
  tick();
  const timer = setInterval(tick, everyMs);
  return () => {
    clearInterval(timer);
    ending.abort();
  };
}
