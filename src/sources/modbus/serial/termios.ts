/**
 * `struct termios2` of Linux, the same on x86-64 and aarch64 (include/uapi/asm-generic/termbits.h), little-endian:
 *
 * ```text
 * c_iflag 4 | c_oflag 4 | c_cflag 4 | c_lflag 4 | c_line 1 | c_cc 19 | c_ispeed 4 | c_ospeed 4
 * ```
 * It is the kernel's, set by ioctl, and no C library's `struct termios`: so any speed can be asked for, and none of
 * their layouts matters.
 */
import type { CharacterFormat } from "./timing.ts";

export const TERMIOS_BYTES = 44;
const C_CFLAG = 8;
const C_CC = 17;
const C_ISPEED = 36;
const C_OSPEED = 40;

const INPCK = 0x10;
const CSIZE: Readonly<Record<number, number>> = { 5: 0, 6: 0x10, 7: 0x20, 8: 0x30 };
const CSIZE_MASK = 0x30;
const CSTOPB = 0x40;
const CREAD = 0x80;
const PARENB = 0x100;
const PARODD = 0x200;
const CLOCAL = 0x800;
/** The speed is the number in c_ospeed. */
const BOTHER = 0x1000;
/** Index in c_cc. With 1, a read of nothing fails with EAGAIN, and one of 0 bytes means that the line hung up. */
const VMIN = 6;

/**
 * Settings for bytes as they are, without flow control or modem lines. A character whose parity is wrong reads as 0,
 * which the check sum of its frame finds.
 */
export function encodeTermios(format: CharacterFormat): Uint8Array<ArrayBuffer> {
  const { baudrate, bytesize, parity, stopbits } = format;
  const bytes = new Uint8Array(TERMIOS_BYTES);
  const view = new DataView(bytes.buffer);
  const parityFlags = { N: 0, E: PARENB, O: PARENB | PARODD }[parity];
  const stop = stopbits === 1 ? 0 : CSTOPB;
  view.setUint32(0, parity === "N" ? 0 : INPCK, true);
  view.setUint32(C_CFLAG, BOTHER | CREAD | CLOCAL | (CSIZE[bytesize] ?? 0) | parityFlags | stop, true);
  view.setUint8(C_CC + VMIN, 1);
  view.setUint32(C_ISPEED, baudrate, true);
  view.setUint32(C_OSPEED, baudrate, true);
  return bytes;
}

/** What is in force: drivers choose the nearest that they can. `format` is as people write it, such as 8N1. */
export function readTermios(termios: Uint8Array<ArrayBuffer>): { readonly speed: number; readonly format: string } {
  const view = new DataView(termios.buffer);
  const flags = view.getUint32(C_CFLAG, true);
  const bits = 5 + ((flags & CSIZE_MASK) >> 4);
  const parity = flags & PARENB ? (flags & PARODD ? "O" : "E") : "N";
  return { speed: view.getUint32(C_OSPEED, true), format: `${bits}${parity}${flags & CSTOPB ? 2 : 1}` };
}
