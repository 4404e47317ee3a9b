import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { onEvent } from "./live.ts";

/** A failure as the API tells it. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly since: string;
}

export interface SourceNow {
  readonly state: string;
  readonly since: string;
  readonly endpoint?: string;
  readonly records_read: number;
  readonly failing_tags: number;
  readonly last_reading_at?: string;
  readonly next_attempt_at?: string;
  readonly last_error?: ToldError;
}

export interface TableNow {
  readonly connected: boolean;
  readonly breaker: string;
  readonly last_error?: ToldError;
}

/** The event `status`, and what `GET /api/status` answers. */
export interface Status {
  readonly status: string;
  readonly causes: readonly string[];
  readonly timestamp: string;
  readonly version: string;
  readonly uptime_seconds: number;
  readonly sources: Readonly<Record<string, SourceNow>>;
  readonly sinks: Readonly<Record<string, TableNow>>;
  readonly queue: {
    readonly unsent: number;
    readonly max_unsent: number;
    readonly queued: number;
    readonly spooled_bytes: number;
  };
  readonly ledger: { readonly balanced: boolean };
}

interface Seen {
  readonly status: Status;
  /** Readings a second of each source, by the difference to the status before. */
  readonly rates: ReadonlyMap<string, number>;
}

/** The newest status, and how fast sources read; undefined until the first came. */
export const seen = signal<Seen | undefined>(undefined);

/** Keeps `seen` up to date while a page shows it. */
export function useStatus(): Seen | undefined {
  useEffect(() => onEvent("status", (data) => take(data as Status)), []); // the API's own event
  return seen.value;
}

function take(status: Status): void {
  seen.value = { status, rates: ratesOf(seen.value?.status, status, seen.value?.rates) };
}

/** A counter that went back began anew, and two at the same time tell nothing: then the rate of before stands. */
export function ratesOf(
  before: Status | undefined,
  now: Status,
  rates: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  if (!before) return rates;
  const seconds = (Date.parse(now.timestamp) - Date.parse(before.timestamp)) / 1000;
  if (!(seconds > 0.2)) return rates;
  return new Map(
    Object.entries(now.sources).map(([name, { records_read }]) => {
      const difference = records_read - (before.sources[name]?.records_read ?? records_read);
      return [name, Math.max(0, difference) / seconds];
    }),
  );
}
