import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { request } from "./api.ts";
import { type Sample, withSample } from "./history.ts";
import { type Ledger, termOf } from "./ledger.ts";
import { onEvent } from "./live.ts";
import { type Family, meanAckMs, type MetricsEvent } from "./metric_families.ts";
import type { Status } from "./status.ts";

/** What the charts and the ledger show. */
export interface Vitals {
  readonly samples: readonly Sample[];
  readonly ledger: Ledger | undefined;
}

const KEY = "vitals";
const LEDGER_MS = 2000;

/** Follows the connector while a page shows it. The samples outlive a reload of the page. */
export function useVitals(): Vitals {
  const samples = useSignal<readonly Sample[]>([]);
  const ledger = useSignal<Ledger | undefined>(undefined);
  useEffect(() => {
    const gathering = new Gathering((sample) => samples.value = withSample(samples.value, sample));
    samples.value = restore();
    const keep = () => sessionStorage.setItem(KEY, JSON.stringify(samples.value));
    addEventListener("pagehide", keep);
    const ends = [
      onEvent("status", (data) => gathering.status(data as Status)), // the API's own events
      onEvent("metrics", (data) => gathering.metrics(data as MetricsEvent)),
      pollLedger((told) => {
        ledger.value = told;
        gathering.ledger(told);
      }),
      () => removeEventListener("pagehide", keep),
    ];
    return () => ends.forEach((end) => end());
  }, []);
  return { samples: samples.value, ledger: ledger.value };
}

/** Puts together what comes by different ways. */
class Gathering {
  readonly #take: (sample: Sample) => void;
  #rates: Pick<Sample, "read" | "written"> = { read: undefined, written: undefined };
  #before: { readonly atMs: number; readonly received: number; readonly written: number } | undefined;
  #families: readonly Family[] | undefined;
  #ackMs: number | undefined;

  constructor(take: (sample: Sample) => void) {
    this.#take = take;
  }

  ledger({ total }: Ledger): void {
    const now = { atMs: performance.now(), received: termOf(total, "received"), written: termOf(total, "written") };
    if (this.#before) {
      const seconds = (now.atMs - this.#before.atMs) / 1000;
      const rate = (key: "received" | "written") => Math.max(0, now[key] - (this.#before?.[key] ?? 0)) / seconds;
      this.#rates = { read: rate("received"), written: rate("written") };
    }
    this.#before = now;
  }

  metrics({ metrics: families }: MetricsEvent): void {
    if (!families) return;
    this.#ackMs = this.#families ? meanAckMs(this.#families, families) : undefined;
    this.#families = families;
  }

  status({ timestamp, queue: { queued, spooled_bytes } }: Status): void {
    const at = Math.floor(Date.parse(timestamp) / 1000);
    this.#take({ at, ...this.#rates, queue: queued, spoolBytes: spooled_bytes, ackMs: this.#ackMs });
  }
}

/** Asks every two seconds, and not while the page is out of sight. */
function pollLedger(take: (ledger: Ledger) => void): () => void {
  const ask = () => {
    if (document.hidden) return;
    request<Ledger>("GET", "/api/ledger").then(({ body }) => take(body), () => {/* the bar tells of it */});
  };
  ask();
  const timer = setInterval(ask, LEDGER_MS);
  return () => clearInterval(timer);
}

function restore(): readonly Sample[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept as Sample[] : []; // `keep` wrote it
  } catch {
    return [];
  }
}
