import { ConfigError } from "../../../core/error.ts";

/** Where distributions keep the C library; the first that is there. The permissions of iot-connector-serial name the same. */
export const LIBC_PATHS: readonly string[] = [
  "/lib/x86_64-linux-gnu/libc.so.6", // Debian, Ubuntu
  "/lib/aarch64-linux-gnu/libc.so.6",
  "/lib64/libc.so.6", // Fedora, RHEL, SUSE
  "/usr/lib/libc.so.6", // Arch
];

/**
 * The variadic ones (open, ioctl) are called as if they were not: on Linux both processors pass whole numbers and
 * pointers the same way (System V ABI for x86-64, 3.5.7; AAPCS64, "Variadic subroutines").
 */
const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  realpath: { parameters: ["buffer", "buffer"], result: "pointer" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  ioctlNumber: { name: "ioctl", parameters: ["i32", "usize", "usize"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
  // Through these, and not through Deno.UnsafePointerView, which takes a permission for every library there is.
  __errno_location: { parameters: [], result: "pointer" },
  memcpy: { parameters: ["buffer", "pointer", "usize"], result: "pointer" },
  __xpg_strerror_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** A call that failed. */
export class LibcError extends Error {
  readonly errno: number;

  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

/** Bytes of a path (include/uapi/linux/limits.h) */
const PATH_MAX = 4096;

/** errno (include/uapi/asm-generic/errno-base.h) */
export const ERRNO = {
  ENOENT: 2,
  EINTR: 4,
  ENXIO: 6,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  ENODEV: 19,
  ENOTTY: 25,
} as const;

/** The few calls of the C library that a serial line takes. None of them waits but `poll`, which has a thread of its own. */
export class Libc implements Disposable {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;

  private constructor(library: Deno.DynamicLibrary<typeof SYMBOLS>) {
    this.#library = library;
  }

  /** @throws {ConfigError} this executable may not load it, or it is at none of the places known */
  static load(): Libc {
    const allowed = LIBC_PATHS.filter((path) => Deno.permissions.querySync({ name: "ffi", path }).state === "granted");
    if (allowed.length === 0) throw notInThisExecutable();
    const causes: unknown[] = [];
    for (const path of allowed) {
      try {
        return new Libc(Deno.dlopen(path, SYMBOLS));
      } catch (error) {
        causes.push(error);
      }
    }
    const message = `Cannot load the C library: it is at none of ${
      allowed.join(", ")
    }; a glibc of one of these is needed`;
    throw new ConfigError("serial_no_libc", message, { cause: new AggregateError(causes) });
  }

  /** @returns a descriptor @throws {LibcError} */
  open(path: string, flags: number): number {
    return this.#checked(this.#library.symbols.open(new TextEncoder().encode(`${path}\0`), flags));
  }

  /** Where all links on the way to `path` lead. @throws {LibcError} */
  realPath(path: string): string {
    const resolved = new Uint8Array(PATH_MAX);
    if (!this.#library.symbols.realpath(new TextEncoder().encode(`${path}\0`), resolved)) throw this.#error();
    return new TextDecoder().decode(resolved.subarray(0, resolved.indexOf(0)));
  }

  close(fd: number): void {
    this.#library.symbols.close(fd);
  }

  /** @returns how many bytes; 0 where the line hung up, undefined where none are there @throws {LibcError} */
  read(fd: number, into: Uint8Array<ArrayBuffer>): number | undefined {
    return this.#unlessLater(Number(this.#library.symbols.read(fd, into, BigInt(into.length))));
  }

  /** @returns how many bytes; undefined where there is no room now @throws {LibcError} */
  send(fd: number, bytes: Uint8Array<ArrayBuffer>): number | undefined {
    return this.#unlessLater(Number(this.#library.symbols.write(fd, bytes, BigInt(bytes.length))));
  }

  /** @throws {LibcError} */
  control(fd: number, request: number, argument: Uint8Array<ArrayBuffer> | number): void {
    const { ioctl, ioctlNumber } = this.#library.symbols;
    const isNumber = typeof argument === "number";
    this.#checked(
      isNumber ? ioctlNumber(fd, BigInt(request), BigInt(argument)) : ioctl(fd, BigInt(request), argument),
    );
  }

  /** @throws {LibcError} */
  lock(fd: number, operation: number): void {
    this.#checked(this.#library.symbols.flock(fd, operation));
  }

  /** A counter to wake `poll` with. @throws {LibcError} */
  eventfd(flags: number): number {
    return this.#checked(this.#library.symbols.eventfd(0, flags));
  }

  /** Fills in the array of `struct pollfd`, on a thread of its own, once one is ready or after `timeoutMs`. */
  async poll(fds: Uint8Array<ArrayBuffer>, timeoutMs: number): Promise<void> {
    await this.#library.symbols.poll(fds, BigInt(fds.length / 8), timeoutMs);
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }

  #checked(result: number): number {
    if (result < 0) throw this.#error();
    return result;
  }

  #unlessLater(result: number): number | undefined {
    if (result >= 0) return result;
    const error = this.#error();
    if (error.errno === ERRNO.EAGAIN || error.errno === ERRNO.EINTR) return undefined;
    throw error;
  }

  /** Called right after the call that failed, on the same thread, which is what errno belongs to. */
  #error(): LibcError {
    const { __errno_location, memcpy, __xpg_strerror_r } = this.#library.symbols;
    const errno = new Int32Array(1);
    memcpy(errno, __errno_location(), 4n);
    const number = errno[0] ?? 0;
    const text = new Uint8Array(128);
    __xpg_strerror_r(number, text, BigInt(text.length));
    return new LibcError(number, new TextDecoder().decode(text.subarray(0, text.indexOf(0))) || `errno ${number}`);
  }
}

function notInThisExecutable(): ConfigError {
  const instead = "run iot-connector-serial in its place, or reach the line through a gateway (modbus+tcp://, " +
    "modbus+rtutcp://, modbus+asciitcp://)";
  return new ConfigError("serial_not_here", `This executable opens no serial lines: ${instead}`);
}
