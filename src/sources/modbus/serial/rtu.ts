/**
 * Frames of RTU (Modbus over Serial Line V1.02, 2.5.1), check sum low byte first:
 *
 * ```text
 * unit id 1 | function 1 | data | CRC-16 2
 * ```
 * The standard ends a frame by silence. Adapters and gateways hand bytes over in bursts with pauses of their own, so here
 * the function and the byte count say where a frame ends, and the check sum whether it is one.
 */
import { dataBytesOf, encodeReadPdu, EXCEPTION_FLAG, FUNCTION } from "../pdu.ts";
import { crc16 } from "./crc16.ts";
import type { Framing, LineFrame } from "./framing.ts";

/** Unit id, function and CRC. */
const FRAME = 4;
/** An exception: the frame and its code. */
const EXCEPTION = FRAME + 1;
const READS: readonly number[] = Object.values(FUNCTION);

export const rtu: Framing = {
  encode(range) {
    const pdu = encodeReadPdu(range);
    const bytes = new Uint8Array(1 + pdu.length + 2);
    bytes[0] = range.slaveId;
    bytes.set(pdu, 1);
    new DataView(bytes.buffer).setUint16(1 + pdu.length, crc16(bytes, 0, 1 + pdu.length), true);
    return bytes;
  },

  next(bytes, from) {
    for (let begin = from; begin + EXCEPTION <= bytes.length; begin++) {
      const frame = frameAt(bytes, begin);
      if (frame) return frame;
    }
    return undefined;
  },

  tornAnswer(bytes, range) {
    const length = rtu.lengthOf(dataBytesOf(range));
    const header = [range.slaveId, FUNCTION[range.registerType], dataBytesOf(range)];
    for (let at = 0; at + header.length <= bytes.length; at++) {
      if (!header.every((byte, index) => bytes[at + index] === byte)) continue;
      return bytes.length - at < length ? "truncated" : "checksum";
    }
    return undefined;
  },

  lengthOf: (dataBytes) => FRAME + 1 + dataBytes,
};

function frameAt(bytes: Uint8Array, begin: number): LineFrame | undefined {
  const [unitId = 0, functionCode = 0, count = 0] = bytes.subarray(begin, begin + 3);
  const isException = READS.includes(functionCode ^ EXCEPTION_FLAG);
  if (!isException && !READS.includes(functionCode)) return undefined;
  const end = begin + (isException ? EXCEPTION : rtu.lengthOf(count));
  if (end > bytes.length) return undefined;
  const [low = 0, high = 0] = bytes.subarray(end - 2, end);
  if (crc16(bytes, begin, end - 2) !== (low | (high << 8))) return undefined;
  return { unitId, functionCode, data: Uint8Array.from(bytes.subarray(begin + 2, end - 2)), begin, end };
}
