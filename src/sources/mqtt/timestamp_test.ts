import assert from "node:assert/strict";
import type { TimestampFormat } from "./payload_settings.ts";
import { timestampFault, timestampUs } from "./timestamp.ts";

const CASES: readonly [name: string, value: unknown, format: TimestampFormat, us: number | undefined][] = [
  ["whole seconds", 1_700_000_000, "unix_s", 1_700_000_000_000_000],
  ["seconds with microseconds", 1_700_000_000.123456, "unix_s", 1_700_000_000_123_456],
  ["milliseconds in quotes", "1700000000123", "unix_ms", 1_700_000_000_123_000],
  ["nanoseconds, cut to microseconds", 1_700_000_000_123_456_789, "unix_ns", 1_700_000_000_123_456],
  ["the first moment of 2000", 946_684_800_000, "unix_ms", 946_684_800_000_000],
  ["a moment before it", 946_684_799_999, "unix_ms", undefined],
  ["a date before 1970", -1.5, "unix_s", undefined],
  ["zero", 0, "unix_s", undefined],
  ["a clock that was never set", "1970-01-01T00:00:07Z", "iso8601", undefined],
  ["UTC", "2023-11-14T22:13:20Z", "iso8601", 1_700_000_000_000_000],
  ["another zone and nanoseconds", "2023-11-15T00:13:20.123456789+02:00", "iso8601", 1_700_000_000_123_456],
  ["a zone without colon", "2023-11-15 00:13:20+0200", "iso8601", 1_700_000_000_000_000],
  ["no zone", "2023-11-14T22:13:20", "iso8601", undefined],
  ["a day that the calendar does not have", "2024-02-30T00:00:00Z", "iso8601", undefined],
  ["a 13th month", "2023-13-14T22:13:20Z", "iso8601", undefined],
  ["a number as ISO 8601", 1_700_000_000, "iso8601", undefined],
  ["text as a number", "12 o'clock", "unix_s", undefined],
  ["a time beyond what a table holds", 1e300, "unix_s", undefined],
  ["null", null, "unix_ms", undefined],
];

for (const [name, value, format, us] of CASES) {
  Deno.test(`timestampUs() reads ${name} (${format})`, () => assert.equal(timestampUs(value, format), us));
}

const FAULTS: readonly [value: unknown, format: TimestampFormat, says: string][] = [
  [
    1_700_000_000,
    "unix_ms",
    "1970-01-20T16:13:20.000Z as unix_ms, before the year 2000; as unix_s it would be 2023-11-14T22:13:20.000Z",
  ],
  [1_700_000_000_000_000, "unix_ms", "not unix_ms; as unix_us it would be 2023-11-14T22:13:20.000Z"],
  ["1700000000000", "iso8601", "not iso8601; as unix_ms it would be 2023-11-14T22:13:20.000Z"],
  [0, "unix_ms", "1970-01-01T00:00:00.000Z as unix_ms, before the year 2000"],
  ["yesterday", "unix_ms", "not unix_ms"],
];

for (const [value, format, says] of FAULTS) {
  Deno.test(`timestampFault() says what ${value} is as ${format}, and as what it would be a time`, () => {
    assert.equal(timestampFault(value, format), says);
  });
}
