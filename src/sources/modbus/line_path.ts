/** Where serial lines are, for people. */
export const LINE_PATHS = "/dev/tty…, /dev/serial/by-…/…, /dev/rfcomm… or /dev/pts/…";

/** Terminals that the kernel and its drivers make (Documentation/admin-guide/devices.txt), and pseudo-terminals. */
const DEVICE = /^\/dev\/(?:tty[A-Za-z0-9._-]*|rfcomm\d+|pts\/\d+)$/;
/** Links that udev makes to those: they stay the same when others are plugged in. */
const LINK = /^\/dev\/serial\/by-(?:id|path)\/[^/\s]*[^/\s.][^/\s]*$/;

/** Whether a source may name this path as its line: else a configuration could have any file opened for writing. */
export function isLinePath(path: string): boolean {
  return DEVICE.test(path) || LINK.test(path);
}

/** Whether a path without links is that of a terminal. */
export function isLineDevice(path: string): boolean {
  return DEVICE.test(path);
}
