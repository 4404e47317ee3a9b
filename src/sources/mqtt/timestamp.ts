import { TIMESTAMP_FORMATS, type TimestampFormat } from "./payload_settings.ts";

/** What one unit of a Unix time is, in microseconds. */
const UNIX_UNIT_US = { unix_s: 1_000_000, unix_ms: 1000, unix_us: 1, unix_ns: 0.001 } as const;

/**
 * 2000-01-01 UTC. What is before is the wrong unit (seconds read as milliseconds are January 1970) or a clock that was
 * never set: a time that nobody would find wrong later.
 */
const EARLIEST_US = 946_684_800_000_000;

/** RFC 3339, 5.6: a date, a time and a zone. */
const ISO_8601 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,12}))?(Z|z|[+-]\d\d:?\d\d)$/;

const NUMBER = /^-?\d{1,20}(\.\d{1,12})?$/;

/**
 * Microseconds since 1970-01-01 UTC of a timestamp in a payload; what is finer is cut off.
 * @returns undefined when `value` is no such timestamp, or one before the year 2000
 */
export function timestampUs(value: unknown, format: TimestampFormat): number | undefined {
  const us = anyTimeUs(value, format);
  return us !== undefined && us >= EARLIEST_US ? us : undefined;
}

/** What is wrong with a timestamp that `timestampUs` does not take, to go on after "the timestamp 17, which is". */
export function timestampFault(value: unknown, format: TimestampFormat): string {
  const us = anyTimeUs(value, format);
  const other = TIMESTAMP_FORMATS.find((each) => timestampUs(value, each) !== undefined);
  const hint = other === undefined ? "" : `; as ${other} it would be ${isoTime(timestampUs(value, other)!)}`; // it has one
  return us === undefined ? `not ${format}${hint}` : `${isoTime(us)} as ${format}, before the year 2000${hint}`;
}

function anyTimeUs(value: unknown, format: TimestampFormat): number | undefined {
  const us = format === "iso8601" ? isoUs(value) : unixUs(value, UNIX_UNIT_US[format]);
  return us !== undefined && Number.isSafeInteger(us) ? us : undefined;
}

function isoTime(us: number): string {
  return new Date(us / 1000).toISOString();
}

function unixUs(value: unknown, unitUs: number): number | undefined {
  if (typeof value === "number") {
    const us = value * unitUs;
    // Seconds with a fraction are doubles: 1700000000.123456 is a hair off in binary, so round instead of cutting.
    return unitUs > 1 ? Math.round(us) : Math.floor(us);
  }
  return typeof value === "string" && NUMBER.test(value) ? unixUs(Number(value), unitUs) : undefined;
}

function isoUs(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined;
  const [, date, time, fraction = "", zone = ""] = ISO_8601.exec(value) ?? [];
  if (date === undefined || !isDate(date)) return undefined;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, "$1:$2")}`);
  return Number.isNaN(ms) ? undefined : ms * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

/** Whether the calendar has this day: parsing would make 1 March of 30 February. */
function isDate(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}
