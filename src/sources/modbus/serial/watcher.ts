import type { Libc } from "./libc.ts";

/** `struct pollfd` (poll(2)): fd 4, events 2, revents 2. */
const POLLFD = 8;
const POLLIN = 1;
/** Nothing depends on it: `poll` is woken when the lines change. */
const POLL_MS = 10_000;
/** EFD_CLOEXEC | EFD_NONBLOCK (eventfd(2)) */
const EVENTFD_FLAGS = 0o2004000;

/**
 * Waits for bytes on any number of lines with one thread. A `poll` per line would take one each of the few that the
 * runtime has, for as long as a device is silent, and files could not be written meanwhile.
 */
export class LineWatcher implements AsyncDisposable {
  readonly #libc: Libc;
  readonly #wakeFd: number;
  readonly #waiting = new Map<number, () => void>();
  #polling: Promise<void> | undefined;
  /** The call under way, or the last one. */
  #round: Promise<void> | undefined;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#wakeFd = libc.eventfd(EVENTFD_FLAGS);
  }

  /** Calls `onReady` once, when `fd` has bytes or is over; not once the result is disposed of. One at a time per line. */
  watch(fd: number, onReady: () => void): Disposable {
    this.#waiting.set(fd, onReady);
    if (this.#polling) this.#wake();
    else this.#polling = this.#poll();
    return {
      [Symbol.dispose]: () => {
        if (this.#waiting.get(fd) !== onReady) return;
        this.#waiting.delete(fd);
        this.#wake();
      },
    };
  }

  /** Resolves when no thread looks at `fd` any more, which may be closed then: a thread would keep it open. */
  async release(fd: number): Promise<void> {
    this.#waiting.delete(fd);
    this.#wake();
    await this.#round;
  }

  /** Resolves when no thread looks at any line any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting.clear();
    this.#wake();
    await this.#polling;
    this.#libc.close(this.#wakeFd);
  }

  async #poll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const fds = [this.#wakeFd, ...this.#waiting.keys()];
      const bytes = new Uint8Array(POLLFD * fds.length);
      const view = new DataView(bytes.buffer);
      for (const [index, fd] of fds.entries()) {
        view.setInt32(POLLFD * index, fd, true);
        view.setInt16(POLLFD * index + 4, POLLIN, true);
      }
      await (this.#round = this.#libc.poll(bytes, POLL_MS));
      this.#libc.read(this.#wakeFd, new Uint8Array(8));
      for (const [index, fd] of fds.entries()) if (view.getInt16(POLLFD * index + 6, true) !== 0) this.#ready(fd);
    }
    this.#polling = undefined;
  }

  #ready(fd: number): void {
    const onReady = this.#waiting.get(fd);
    this.#waiting.delete(fd);
    onReady?.();
  }

  #wake(): void {
    if (this.#polling) this.#libc.send(this.#wakeFd, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
  }
}
