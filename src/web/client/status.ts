import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { HealthAnswer } from "../health_answer.ts";
import { onEvent } from "./live.ts";

/** The event `status`, and what `GET /api/status` answers. */
export type Status = HealthAnswer;
export type SourceNow = HealthAnswer["sources"][string];
export type TableNow = HealthAnswer["sinks"][string];
/** A failure as the API tells it. */
export type ToldError = NonNullable<SourceNow["last_error"]>;

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
