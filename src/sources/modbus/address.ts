/** The four tables of the data model (Modbus Application Protocol V1.1b3, 4.3). */
export const REGISTER_TYPES = ["holding", "input", "coil", "discrete"] as const;
export type RegisterType = (typeof REGISTER_TYPES)[number];

export const ADDRESSINGS = ["auto", "zero_based", "modicon"] as const;
export type Addressing = (typeof ADDRESSINGS)[number];

/** Protocol addresses are 16 bits. */
export const ADDRESS_SPACE = 65_536;

/** The digit that leads an address of Modicon notation. */
const LEADING_DIGIT: Readonly<Record<RegisterType, number>> = { coil: 0, discrete: 1, input: 3, holding: 4 };

/**
 * The zero-based protocol address of what the configuration calls `address`.
 *
 * - `zero_based`: it is the protocol address.
 * - `modicon`: 40001 or 400001 is holding register 0; likewise 3… input, 1… discrete, and coils from 1.
 * - `auto`: Modicon where 5 or 6 digits begin with the digit of `registerType`, else the protocol address. Coils, whose
 *   leading zero a number does not have, are zero based.
 *
 * @returns undefined when there is no such address
 */
export function protocolAddress(
  address: number,
  registerType: RegisterType,
  addressing: Addressing,
): number | undefined {
  const plain = address < ADDRESS_SPACE ? address : undefined;
  if (addressing === "zero_based") return plain;
  const modicon = fromModicon(address, LEADING_DIGIT[registerType]);
  if (addressing === "modicon") return modicon;
  return registerType === "coil" ? plain : modicon ?? plain;
}

function fromModicon(address: number, digit: number): number | undefined {
  if (digit === 0) return address >= 1 && address <= ADDRESS_SPACE ? address - 1 : undefined;
  const short = address - digit * 10_000;
  if (short >= 1 && short <= 9_999) return short - 1;
  const long = address - digit * 100_000;
  return long >= 1 && long <= ADDRESS_SPACE ? long - 1 : undefined;
}
