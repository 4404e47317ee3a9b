/** What an outage means for the rows that wait, in words that stay the same long enough to be read. */
import { about, bytes, clockTime, lasting, number, roughly } from "./format.ts";
import type { Status, TableNow } from "./status.ts";

export type SpoolNow = NonNullable<Status["spool"]>;

/** Tables that rows cannot be sent to, each once. */
export function tablesAway({ sinks }: Status): readonly TableNow[] {
  const away = Object.values(sinks).filter(({ breaker }) => breaker !== "closed");
  return [...new Map(away.map((each) => [each.table, each])).values()];
}

/** What a page says above an outage; undefined while there is none. */
export interface OutageTold {
  readonly title: string;
  readonly text: string | undefined;
}

/** A full queue is the worst: from then on readings may be lost. */
export function outageTold(status: Status): OutageTold | undefined {
  const isAway = tablesAway(status).length > 0;
  if (status.queue.is_full) {
    return {
      title: `${status.spool ? "The spool" : "The queue"} is full`,
      text:
        "Nothing more finds room until rows can be sent: sources are held back, or rows dropped where drop_policy says " +
        "so. What a device does not keep itself is lost. Give it more room in Settings, or mend the way to the table.",
    };
  }
  if (isAway) return { title: "Rows wait", text: "They are sent by themselves once the table can be reached." };
  const isDraining = typeof status.spool?.empty_in_seconds === "number";
  return isDraining ? { title: "Rows that waited are being sent", text: undefined } : undefined;
}

/** `since 14:03:22 (4 min)`. Of less than a minute the seconds would jump. */
export function sinceWhen({ breaker_since }: TableNow, nowMs: number): string {
  const isNew = nowMs - Date.parse(breaker_since) < 60_000;
  return `since ${clockTime(breaker_since)} (${isNew ? "under a minute" : lasting(breaker_since, nowMs)})`;
}

/** When a table is tried next. */
export function nextTry({ next_attempt_at }: TableNow): string {
  return next_attempt_at ? `Tried again at ${clockTime(next_attempt_at)}` : "Being tried now";
}

/** `About 4,900 rows, 18 MB: 1.8 % of 1 GB`. */
export function spoolHolds({ rows, bytes: size, max_bytes }: SpoolNow): string {
  if (rows === 0) return `Empty; it may hold ${bytes(max_bytes)}`;
  return `About ${number(roughly(rows))} rows, ${bytes(roughly(size))}: ${filled(size, max_bytes)} of ${
    bytes(max_bytes)
  }`;
}

/** `full in about 2.5 h`, `empty in about 10 min`; undefined while it is neither. */
export function spoolLeads({ full_in_seconds, empty_in_seconds }: SpoolNow): string | undefined {
  if (full_in_seconds === 0) return "full";
  if (full_in_seconds !== null) return `full in ${about(full_in_seconds)}`;
  return empty_in_seconds === null ? undefined : `empty in ${about(empty_in_seconds)}`;
}

function filled(size: number, max: number): string {
  const percent = (100 * size) / Math.max(1, max);
  return percent < 0.1 ? "under 0.1 %" : `${number(roughly(percent))} %`;
}
