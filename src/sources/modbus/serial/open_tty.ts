import { ConfigError, ConnectionError, EdgeError } from "../../../core/error.ts";
import { isLineDevice, LINE_PATHS } from "../line_path.ts";
import { ERRNO, type Libc, LibcError } from "./libc.ts";
import { encodeRs485, type Rs485Settings } from "./rs485.ts";
import { encodeTermios, readTermios, TERMIOS_BYTES } from "./termios.ts";
import type { CharacterFormat } from "./timing.ts";

/** O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC (include/uapi/asm-generic/fcntl.h) */
const OPEN_FLAGS = 0o2004402;
/** LOCK_EX | LOCK_NB (flock(2)) */
const LOCK = 6;
/** Requests of ioctl_tty(2), as numbers of include/uapi/asm-generic/ioctls.h. */
const TIOCEXCL = 0x540c;
const TCFLSH = 0x540b;
const TCIOFLUSH = 2;
const TIOCSRS485 = 0x542f;
const TCGETS2 = 0x802c542a;
const TCSETS2 = 0x402c542b;

/** Devices tolerate some 3 % between sender and receiver; drivers that cannot do a speed choose quite another. */
const MAX_SPEED_ERROR = 0.03;

export interface LineSettings extends CharacterFormat {
  readonly rs485: Rs485Settings | null;
}

/** A line that is open and not set up yet. */
interface RawLine {
  readonly libc: Libc;
  readonly fd: number;
  readonly path: string;
}

/**
 * Opens a serial line for nobody else, set up and empty.
 * @returns its descriptor @throws {ConnectionError} it is not there, or held by another @throws {ConfigError} it cannot be what is asked for
 */
export function openTty(libc: Libc, path: string, settings: LineSettings): number {
  const fd = opened(libc, path);
  const line = { libc, fd, path };
  try {
    hold(line);
    setUp(line, settings);
    libc.control(fd, TCFLSH, TCIOFLUSH);
    return fd;
  } catch (error) {
    closeTty(libc, fd);
    if (error instanceof EdgeError) throw error;
    throw new ConnectionError("serial_line_lost", `Cannot set up ${path}: ${textOf(error)}`, { cause: error });
  }
}

/** Without what has not left yet: the kernel would wait for that, and the connector with it. */
export function closeTty(libc: Libc, fd: number): void {
  try {
    libc.control(fd, TCFLSH, TCIOFLUSH);
  } catch (error) {
    if (!(error instanceof LibcError)) throw error; // a line that is gone holds nothing
  }
  libc.close(fd);
}

/** Opening alone may do something to what is no line, and this goes past what the process may open otherwise. */
function opened(libc: Libc, path: string): number {
  try {
    const target = libc.realPath(path);
    if (isLineDevice(target)) return libc.open(target, OPEN_FLAGS);
    throw new ConfigError("serial_no_line", `${path} is no serial line, but ${target}; a line is ${LINE_PATHS}`);
  } catch (error) {
    if (error instanceof EdgeError) throw error;
    const message = `Cannot open the serial line ${path}: ${textOf(error)}; `;
    switch (error instanceof LibcError ? error.errno : undefined) {
      case ERRNO.EACCES: {
        const advice = "let the connector's user into the group that owns it (dialout on Debian)";
        throw new ConfigError("serial_no_access", message + advice, { cause: error });
      }
      case ERRNO.EBUSY:
        throw new ConnectionError("serial_line_busy", message + "another program holds it", { cause: error });
      default: {
        const advice = "check that the adapter is plugged in; names in /dev/serial/by-id stay the same";
        throw new ConnectionError("serial_unreachable", message + advice, { cause: error });
      }
    }
  }
}

/** Against others that ask for the same lock, and against those who just open it. Root opens it all the same. */
function hold({ libc, fd, path }: RawLine): void {
  try {
    libc.lock(fd, LOCK);
  } catch (error) {
    const advice = "one line has one owner: put all its units into one source, each entry with its slave_id";
    const message = `Cannot use the serial line ${path}: another source or program holds it; ${advice}`;
    throw new ConnectionError("serial_line_busy", message, { cause: error });
  }
  try {
    libc.control(fd, TIOCEXCL, 0);
  } catch (error) {
    throw new ConfigError("serial_no_line", `${path} is no serial line: ${textOf(error)}`, { cause: error });
  }
}

function setUp(line: RawLine, settings: LineSettings): void {
  const { libc, fd, path } = line;
  const { baudrate, rs485 } = settings;
  libc.control(fd, TCSETS2, encodeTermios(settings));
  const actual = new Uint8Array(TERMIOS_BYTES);
  libc.control(fd, TCGETS2, actual);
  const { speed, format } = readTermios(actual);
  if (Math.abs(speed - baudrate) > MAX_SPEED_ERROR * baudrate) {
    const message = `The driver of ${path} cannot do ${baudrate} bit/s and chose ${speed}: set another baudrate`;
    throw new ConfigError("serial_speed", message);
  }
  const wanted = `${settings.bytesize}${settings.parity}${settings.stopbits}`;
  if (format !== wanted) {
    const message = `The driver of ${path} cannot do ${wanted} and chose ${format}: set bytesize, parity and stopbits`;
    throw new ConfigError("serial_format", `${message} to what adapter and devices both can`);
  }
  if (rs485) setUpRs485(line, rs485);
}

function setUpRs485({ libc, fd, path }: RawLine, settings: Rs485Settings): void {
  try {
    libc.control(fd, TIOCSRS485, encodeRs485(settings));
  } catch (error) {
    const advice = "leave rs485 out where the adapter switches between sending and receiving by itself, as most do";
    const message = `The driver of ${path} does not switch RS-485 (${textOf(error)}): ${advice}`;
    throw new ConfigError("serial_no_rs485", message, { cause: error });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
