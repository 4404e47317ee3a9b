/** Exception codes of answers (Modbus Application Protocol V1.1b3, 7). */
export const ILLEGAL_DATA_ADDRESS = 2;
export const ILLEGAL_DATA_VALUE = 3;
const ACKNOWLEDGE = 5;
const SERVER_DEVICE_BUSY = 6;
const GATEWAY_PATH_UNAVAILABLE = 0x0a;
const GATEWAY_TARGET_SILENT = 0x0b;

const NAMES: Readonly<Record<number, string>> = {
  1: "illegal function",
  [ILLEGAL_DATA_ADDRESS]: "illegal data address",
  [ILLEGAL_DATA_VALUE]: "illegal data value",
  4: "server device failure",
  [ACKNOWLEDGE]: "acknowledge: the device is still at work on it",
  [SERVER_DEVICE_BUSY]: "server device busy",
  8: "memory parity error",
  [GATEWAY_PATH_UNAVAILABLE]: "gateway path unavailable",
  [GATEWAY_TARGET_SILENT]: "gateway target device failed to respond",
};

/** `illegal data address (exception 2)`. */
export function exceptionText(code: number): string {
  return `${NAMES[code] ?? "a code of its own"} (exception ${code})`;
}

/** The device may give smaller reads of the same registers: some answer 3 where the standard says 2. */
export function isAboutExtent(code: number): boolean {
  return code === ILLEGAL_DATA_ADDRESS || code === ILLEGAL_DATA_VALUE;
}

/** A gateway answered for a unit that does not. */
export function isUnitSilent(code: number): boolean {
  return code === GATEWAY_PATH_UNAVAILABLE || code === GATEWAY_TARGET_SILENT;
}

/** The device has no time just now: the next poll is soon enough, and not too soon. */
export function isPassing(code: number): boolean {
  return code === ACKNOWLEDGE || code === SERVER_DEVICE_BUSY;
}
