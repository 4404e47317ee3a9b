/**
 * Packed decimal: four digits to a register, the most significant first.
 * @returns undefined where a digit is above 9: then the registers hold something else
 */
export function bcdAt(view: DataView, at: number, registers: number): bigint | undefined {
  let value = 0n;
  for (let byte = at; byte < at + 2 * registers; byte++) {
    const [tens, ones] = [view.getUint8(byte) >> 4, view.getUint8(byte) & 15];
    if (tens > 9 || ones > 9) return undefined;
    value = value * 100n + BigInt(10 * tens + ones);
  }
  return value;
}
