/**
 * Frames of ASCII (Modbus over Serial Line V1.02, 2.5.2): bytes as two digits each.
 *
 * ```text
 * ":" | unit id 2 | function 2 | data | LRC 2 | CR LF
 * ```
 */
import { dataBytesOf, encodeReadPdu, EXCEPTION_FLAG, FUNCTION } from "../pdu.ts";
import type { Framing, LineFrame } from "./framing.ts";
import { lrc } from "./lrc.ts";

const COLON = 0x3a;
const CR = 0x0d;
const LF = 0x0a;
/** Colon, CR and LF. */
const MARKS = 3;
/** Unit id, function and LRC. */
const FRAME = 3;
const READS: readonly number[] = Object.values(FUNCTION);

export const ascii: Framing = {
  encode(range) {
    const bytes = Uint8Array.of(range.slaveId, ...encodeReadPdu(range), 0);
    bytes[bytes.length - 1] = lrc(bytes);
    return new TextEncoder().encode(`:${bytes.toHex().toUpperCase()}\r\n`);
  },

  next(bytes, from) {
    // A colon begins a frame anew, wherever it comes.
    for (let end = bytes.indexOf(LF, from); end >= 0; end = bytes.indexOf(LF, end + 1)) {
      const begin = bytes.lastIndexOf(COLON, end);
      const frame = begin < from || bytes[end - 1] !== CR ? undefined : frameBetween(bytes, begin, end + 1);
      if (frame) return frame;
    }
    return undefined;
  },

  tornAnswer(bytes, range) {
    const fields = Uint8Array.of(range.slaveId, FUNCTION[range.registerType], dataBytesOf(range));
    const header = new TextEncoder().encode(`:${fields.toHex().toUpperCase()}`);
    for (let at = bytes.indexOf(COLON); at >= 0; at = bytes.indexOf(COLON, at + 1)) {
      if (!header.every((byte, index) => bytes[at + index] === byte)) continue;
      return bytes.length - at < ascii.lengthOf(dataBytesOf(range)) ? "truncated" : "checksum";
    }
    return undefined;
  },

  lengthOf: (dataBytes) => MARKS + 2 * (FRAME + 1 + dataBytes),
};

function frameBetween(bytes: Uint8Array, begin: number, end: number): LineFrame | undefined {
  const digits = new TextDecoder().decode(bytes.subarray(begin + 1, end - 2));
  if (!/^(?:[0-9A-Fa-f]{2}){4,}$/.test(digits)) return undefined;
  const frame = Uint8Array.fromHex(digits);
  const [unitId = 0, functionCode = 0, count = 0] = frame;
  const data = frame.slice(2, -1);
  if (lrc(frame.subarray(0, -1)) !== frame.at(-1)) return undefined;
  const isException = READS.includes(functionCode ^ EXCEPTION_FLAG) && data.length === 1;
  if (!isException && !(READS.includes(functionCode) && data.length === 1 + count)) return undefined;
  return { unitId, functionCode, data, begin, end };
}
