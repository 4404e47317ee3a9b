import { StatusCodes } from "node-opcua-client";

/** The upper half of a status code says what happened, the lower half adds to it (OPC UA Part 4, 7.39). */
const MEANING = 0xffff0000;
const INFO_TYPE = 0x0c00;
const INFO_IS_DATA_VALUE = 0x0400;
const OVERFLOW = 0x0080;

const names = new Map<number, string>(
  Object.values(StatusCodes).map((code) => [(code.value & MEANING) >>> 0, code.name.split("#")[0] ?? code.name]),
);
names.set(0, "Good");

/** The symbolic name of a status code, `BadNodeIdUnknown`; the code in hexadecimal where the standard names none. */
export function statusName(code: number): string {
  const meaning = (code & MEANING) >>> 0;
  return names.get(meaning) ?? hex(meaning);
}

/** A status code as a value: its name where that says all of it, else the code in hexadecimal. */
export function statusText(code: number): string {
  return (code & ~MEANING) === 0 ? statusName(code) : hex(code);
}

/** The server's queue for this node was full, and values were dropped. */
export function hasOverflow(code: number): boolean {
  return (code & INFO_TYPE) === INFO_IS_DATA_VALUE && (code & OVERFLOW) !== 0;
}

function hex(code: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(8, "0")}`;
}
