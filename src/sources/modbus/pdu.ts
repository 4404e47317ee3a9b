/**
 * What a request and its answer say, whatever frame carries them (Modbus Application Protocol V1.1b3, 6.1 to 6.4).
 * Requests are the four reads and nothing else: there is no code here that could write to a device.
 */
import type { RegisterType } from "./address.ts";

/** The registers to read, and where. */
export interface ReadRange {
  readonly slaveId: number;
  readonly registerType: RegisterType;
  readonly start: number;
  readonly count: number;
}

/** Function codes (Modbus Application Protocol V1.1b3, 6.1 to 6.4). */
export const FUNCTION: Readonly<Record<RegisterType, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };
/** Set in the function code of an answer that is an exception. */
export const EXCEPTION_FLAG = 0x80;

/** How many bytes of data the answer to `range` holds. */
export function dataBytesOf({ registerType, count }: ReadRange): number {
  return FUNCTION[registerType] <= FUNCTION.discrete ? Math.ceil(count / 8) : 2 * count;
}

/** Whether an answer to one could be taken for an answer to the other, where answers bear no number. */
export function looksAlike(a: ReadRange, b: ReadRange): boolean {
  return a.slaveId === b.slaveId && a.registerType === b.registerType && dataBytesOf(a) === dataBytesOf(b);
}

/** Function, first address and count: the request for `range`, without its frame. */
export function encodeReadPdu({ registerType, start, count }: ReadRange): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(FUNCTION[registerType], start >> 8, start & 0xff, count >> 8, count & 0xff);
}
