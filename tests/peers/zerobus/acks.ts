/** Acknowledgements that are due later: cumulative, one timer for all of them. */
export class DelayedAcks {
  readonly #delayMs: number;
  readonly #send: (upTo: number) => void;
  readonly #due: { atMs: number; upTo: number }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(delayMs: number, send: (upTo: number) => void) {
    this.#delayMs = delayMs;
    this.#send = send;
  }

  add(upTo: number): void {
    this.#due.push({ atMs: performance.now() + this.#delayMs, upTo });
    this.#arm();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due.length = 0;
  }

  #arm(): void {
    const first = this.#due[0];
    if (this.#timer !== undefined || !first) return;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, first.atMs - performance.now()));
  }

  #fire(): void {
    this.#timer = undefined;
    const nowMs = performance.now() + 0.5; // timers may be early by a fraction
    let upTo: number | undefined;
    while (this.#due[0] && this.#due[0].atMs <= nowMs) upTo = this.#due.shift()?.upTo;
    if (upTo !== undefined) this.#send(upTo);
    this.#arm();
  }
}
