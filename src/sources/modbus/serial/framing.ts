import type { ReadRange } from "../pdu.ts";

/** A whole frame whose check sum is right. */
export interface LineFrame {
  readonly unitId: number;
  readonly functionCode: number;
  /** What follows the function code, without the check sum. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Where it begins and ends in what came. */
  readonly begin: number;
  readonly end: number;
}

/** How frames lie in a stream of bytes: as bytes (RTU) or as digits (ASCII). */
export interface Framing {
  /** The request for `range`, as bytes to send. */
  encode(range: ReadRange): Uint8Array<ArrayBuffer>;
  /** The first frame that is whole and right, at or after `from`, whatever lies before it. */
  next(bytes: Uint8Array, from: number): LineFrame | undefined;
  /** Whether an answer to `range`, unit, function and length, was begun in bytes that hold no frame, and whether it was long enough to be one. */
  tornAnswer(bytes: Uint8Array, range: ReadRange): "truncated" | "checksum" | undefined;
  /** The most bytes that a frame with so many bytes of data takes. */
  lengthOf(dataBytes: number): number;
}
