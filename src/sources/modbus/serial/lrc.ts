/** Check sum of an ASCII frame: the two's complement of the sum of its bytes (Modbus over Serial Line V1.02, 6.2.1). */
export function lrc(bytes: Uint8Array): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}
