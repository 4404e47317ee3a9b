/** The four tables of the data model (Modbus Application Protocol V1.1b3, 4.3). */
export const REGISTER_TYPES = ["holding", "input", "coil", "discrete"] as const;
export type RegisterType = (typeof REGISTER_TYPES)[number];

export const ADDRESSINGS = ["auto", "zero_based", "modicon"] as const;
export type Addressing = (typeof ADDRESSINGS)[number];

/** Protocol addresses are 16 bits. */
export const ADDRESS_SPACE = 65_536;

/** The digit that leads an address of Modicon notation. */
const LEADING_DIGIT: Readonly<Record<RegisterType, number>> = { coil: 0, discrete: 1, input: 3, holding: 4 };

const ONE_OF: Readonly<Record<RegisterType, string>> = {
  coil: "a coil",
  discrete: "a discrete input",
  input: "an input register",
  holding: "a holding register",
};

/**
 * The zero-based protocol address of what the configuration calls `address`.
 *
 * - `zero_based`: it is the protocol address.
 * - `modicon`: 40001 or 400001 is holding register 0; likewise 3… input, 1… discrete, and coils from 1.
 * - `auto`: 5 and 6 digits that begin with 1, 3 or 4 are Modicon, and none where that digit is not the one of
 *   `registerType`: whoever wrote them meant another table. All else is the protocol address, and so are coils, whose
 *   leading zero a number does not have.
 *
 * @returns undefined when there is no such address: see `noAddressText`
 */
export function protocolAddress(
  address: number,
  registerType: RegisterType,
  addressing: Addressing,
): number | undefined {
  const plain = address < ADDRESS_SPACE ? address : undefined;
  if (addressing === "zero_based") return plain;
  if (addressing === "auto" && !tableOf(address)) return plain;
  if (addressing === "auto" && registerType === "coil") return undefined;
  return fromModicon(address, LEADING_DIGIT[registerType]);
}

/** Why `protocolAddress` gives none, and what to set instead. */
export function noAddressText(address: number, registerType: RegisterType, addressing: Addressing): string {
  const table = addressing === "auto" ? tableOf(address) : undefined;
  if (!table) return `${address} is no ${registerType} address with addressing ${addressing}`;
  const isPlain = address < ADDRESS_SPACE;
  if (fromModicon(address, LEADING_DIGIT[table]) === undefined) {
    const what = `${address} is no address in Modicon notation, whose ${ONE_OF[table].replace(/^an? /, "")}s`;
    return `${what} begin at ${address + 1}${
      isPlain ? ": set addressing: zero_based if it is the protocol address" : ""
    }`;
  }
  const what = `${address} is ${ONE_OF[table]} in Modicon notation: set register_type: ${table}`;
  return isPlain ? `${what}, or addressing: zero_based` : what;
}

/** The table to which five or six digits belong by the first of them; in this notation or, as 40000, just before it. */
function tableOf(address: number): RegisterType | undefined {
  const unit = address < 100_000 ? 10_000 : 100_000;
  const digit = Math.floor(address / unit);
  if (digit === 0 || address - digit * unit > ADDRESS_SPACE) return undefined;
  return REGISTER_TYPES.find((type) => LEADING_DIGIT[type] === digit);
}

function fromModicon(address: number, digit: number): number | undefined {
  if (digit === 0) return address >= 1 && address <= ADDRESS_SPACE ? address - 1 : undefined;
  const short = address - digit * 10_000;
  if (short >= 1 && short <= 9_999) return short - 1;
  const long = address - digit * 100_000;
  return long >= 1 && long <= ADDRESS_SPACE ? long - 1 : undefined;
}
