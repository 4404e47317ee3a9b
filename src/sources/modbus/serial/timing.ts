/** The character format of a line. */
export interface CharacterFormat {
  readonly baudrate: number;
  readonly bytesize: number;
  readonly parity: "N" | "E" | "O";
  readonly stopbits: number;
}

/** Above this speed the silence is fixed, for the sake of the receivers' processors. */
const FAST_BAUDRATE = 19_200;
const FAST_SILENCE_MS = 1.75;

/** How long one character takes on the line: a start bit, the data, parity and stop bits. */
export function characterMs({ baudrate, bytesize, parity, stopbits }: CharacterFormat): number {
  return (1000 * (1 + bytesize + (parity === "N" ? 0 : 1) + stopbits)) / baudrate;
}

/** The silence before a request: 3.5 characters (Modbus over Serial Line V1.02, 2.5.1.1). */
export function silenceMs(format: CharacterFormat): number {
  return format.baudrate > FAST_BAUDRATE ? FAST_SILENCE_MS : 3.5 * characterMs(format);
}
