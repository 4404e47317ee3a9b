import type { Clock } from "../../../core/clock.ts";
import { ConnectionError, reasonOf } from "../../../core/error.ts";
import type { ByteLine } from "./byte_line.ts";
import { type SerialShare, shareSerialHost } from "./host.ts";
import { closeTty, type LineSettings, openTty } from "./open_tty.ts";
import { characterMs, silenceMs } from "./timing.ts";

export interface SerialLineOptions {
  /** Absolute path of the line. */
  readonly device: string;
  readonly settings: LineSettings;
  readonly clock: Clock;
}

/** The driver's queue is longer than any request: it is full for so long only where the line stands still. */
const MAX_SEND_MS = 2000;

/** A serial line of this host, which nobody else uses meanwhile. */
export class SerialLine implements ByteLine {
  readonly kind = "serial";
  readonly name: string;
  readonly silenceMs: number;
  readonly #characterMs: number;
  readonly #host: SerialShare;
  readonly #fd: number;
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  readonly #space = new Uint8Array(1024);
  #isClosed = false;

  private constructor(host: SerialShare, fd: number, { device, settings, clock }: SerialLineOptions) {
    this.#host = host;
    this.#fd = fd;
    this.#clock = clock;
    this.name = device;
    this.silenceMs = silenceMs(settings);
    this.#characterMs = characterMs(settings);
  }

  /** @throws {ConnectionError} the line is not there, or held by another @throws {ConfigError} it cannot be what is asked for */
  static async open(options: SerialLineOptions): Promise<SerialLine> {
    const host = shareSerialHost();
    try {
      return new SerialLine(host, openTty(host.libc, options.device, options.settings), options);
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  transferMs(bytes: number): number {
    return bytes * this.#characterMs;
  }

  async send(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + MAX_SEND_MS;
    for (let rest = bytes; rest.length > 0;) {
      const count = this.#call(() => this.#host.libc.send(this.#fd, rest)) ?? 0;
      rest = rest.slice(count);
      if (rest.length === 0) return;
      if (this.#clock.monotonicMs() > untilMs) this.#end("it takes no bytes");
      await this.#clock.sleep(this.transferMs(rest.length), this.lost);
    }
  }

  async receive(withinMs: number): Promise<Uint8Array> {
    const bytes = this.#read();
    if (bytes.length > 0 || withinMs <= 0) return bytes;
    await this.#readable(withinMs);
    return this.#read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end("it was closed here");
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#host.watcher.release(this.#fd);
    closeTty(this.#host.libc, this.#fd);
    await this.#host[Symbol.asyncDispose]();
  }

  #read(): Uint8Array {
    const count = this.#call(() => this.#host.libc.read(this.#fd, this.#space));
    if (count === 0) this.#end("it hung up");
    this.lost.throwIfAborted();
    return this.#space.slice(0, count ?? 0);
  }

  /** Resolves when there is something to read, the line is over, or the time. */
  async #readable(withinMs: number): Promise<void> {
    const over = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    using _watch = this.#host.watcher.watch(this.#fd, resolve);
    this.lost.addEventListener("abort", () => resolve(), { once: true, signal: over.signal });
    try {
      await Promise.race([promise, this.#clock.sleep(withinMs, over.signal)]);
    } finally {
      over.abort();
    }
  }

  /** @throws {ConnectionError} the line is lost, by this call or before */
  #call<T>(task: () => T): T {
    this.lost.throwIfAborted();
    try {
      return task();
    } catch (error) {
      this.#end(reasonOf(error), error);
      throw this.lost.reason;
    }
  }

  #end(reason: string, cause?: unknown): void {
    if (this.lost.aborted) return;
    const message = `Lost the serial line ${this.name}: ${reason}; check cable and adapter`;
    this.#lost.abort(new ConnectionError("serial_line_lost", message, { cause }));
  }
}
