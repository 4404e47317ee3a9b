import type { Clock } from "../../src/core/clock.ts";
import { ConnectionError } from "../../src/core/error.ts";
import type { ByteLine } from "../../src/sources/modbus/serial/byte_line.ts";

/** What comes after a request: bytes, each so long after it. */
export type Reply = readonly { readonly afterMs: number; readonly bytes: Uint8Array }[];

/** A line in a world where time passes only while somebody waits for bytes. */
export class FakeLine implements ByteLine {
  readonly kind: "serial" | "remote";
  readonly name = "/dev/ttyFAKE";
  readonly silenceMs = 4;
  readonly sent: Uint8Array[] = [];
  /** When each request was sent. */
  readonly sentMs: number[] = [];
  /** Moves with the line. */
  readonly clock: Clock = {
    nowUs: () => 1000 * this.nowMs,
    monotonicMs: () => this.nowMs,
    sleep: () => Promise.reject(new Error("nobody sleeps here")),
    every: () => ({ [Symbol.dispose]: () => {} }),
  };
  nowMs = 0;
  readonly #lost = new AbortController();
  #coming: { atMs: number; bytes: Uint8Array }[] = [];
  /** The replies to the requests to come; nothing comes after those. */
  replies: Reply[] = [];

  constructor(kind: "serial" | "remote" = "serial") {
    this.kind = kind;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  transferMs(bytes: number): number {
    return bytes;
  }

  /** Bytes that come of themselves. */
  say(afterMs: number, bytes: Uint8Array): void {
    this.#coming.push({ atMs: this.nowMs + afterMs, bytes });
    this.#coming.sort((a, b) => a.atMs - b.atMs);
  }

  lose(): void {
    this.#lost.abort(new ConnectionError("serial_line_lost", "Lost the serial line"));
  }

  send(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.sent.push(bytes);
    this.sentMs.push(this.nowMs);
    for (const { afterMs, bytes: answer } of this.replies.shift() ?? []) this.say(afterMs, answer);
    return Promise.resolve();
  }

  async receive(withinMs: number): Promise<Uint8Array> {
    await Promise.resolve();
    this.lost.throwIfAborted();
    const [next] = this.#coming;
    const untilMs = this.nowMs + withinMs;
    if (!next || next.atMs > untilMs) {
      this.nowMs = untilMs;
      return new Uint8Array();
    }
    this.nowMs = Math.max(this.nowMs, next.atMs);
    this.#coming.shift();
    return next.bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
    this.lose();
  }
}
