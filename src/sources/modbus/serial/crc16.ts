/** One step of the check sum by byte value (Modbus over Serial Line V1.02, 6.2.2: polynomial 0xA001, low bit first). */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xa001 : 0);
  return crc;
});

/** Check sum of an RTU frame, from `begin` up to `end`. On the line its low byte comes first. */
export function crc16(bytes: Uint8Array, begin = 0, end: number = bytes.length): number {
  let crc = 0xffff;
  // Both indexes are within their arrays: the fallbacks are for the compiler.
  for (let at = begin; at < end; at++) crc = (crc >> 8) ^ (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return crc;
}
