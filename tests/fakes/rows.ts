import type { Handover, Route } from "../../src/buffer/buffer.ts";
import { laneTo } from "../../src/core/lane.ts";
import type { Reading, Rows } from "../../src/core/reading.ts";

/** A route whose rows hold the reading's tag and number as text, so that a test can read them. */
export function fakeRoute(source = "press", table = "main.bronze.t"): Route {
  const encode = (reading: Reading) => new TextEncoder().encode(`${reading.tag}:${reading.eventTimeUs}`);
  return { source, lane: laneTo(table, "FakeRecord"), encode };
}

/** Readings of one tag whose event times are the numbers `from` … `from + count - 1`. */
export function numbered(count: number, from = 0, tag = "t"): Reading[] {
  return Array.from({ length: count }, (_, i) => ({ tag, eventTimeUs: from + i }));
}

/** A handover of numbered readings. */
export function handover(count: number, from = 0, options: { tag?: string; isWithheld?: boolean } = {}): Handover {
  return { readings: numbered(count, from, options.tag), isWithheld: options.isWithheld ?? false };
}

/** The numbers in rows of `fakeRoute`. */
export function numbersOf(rows: Rows): number[] {
  return Array.from(rows, (row) => Number(new TextDecoder().decode(row.bytes).split(":")[1]));
}
