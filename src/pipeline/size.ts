import type { Row } from "../core/reading.ts";

/** Bytes that a row adds to a request, its framing included. */
export function sizeOf(row: Row): number {
  return row.bytes.length + 5;
}
