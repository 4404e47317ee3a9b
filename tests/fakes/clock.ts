import type { Clock } from "../../src/core/clock.ts";

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #monotonicMs = 0;
  #us: number;
  #sleepers: Sleeper[] = [];

  constructor(startUs = 1_700_000_000_000_000) {
    this.#us = startUs;
  }

  nowUs(): number {
    return this.#us;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** How many wait for time to pass. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { at: this.#monotonicMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal.reason);
      }, { once: true });
    });
  }

  every(ms: number, task: () => void | Promise<void>): Disposable {
    const stop = new AbortController();
    const loop = async () => {
      while (!stop.signal.aborted) {
        await this.sleep(ms, stop.signal);
        await task();
      }
    };
    loop().catch((error) => {
      if (!stop.signal.aborted) throw error;
    });
    return { [Symbol.dispose]: () => stop.abort() };
  }

  /** Moves both clocks, and wakes whoever's time has come, in order. */
  async advance(ms: number): Promise<void> {
    const target = this.#monotonicMs + ms;
    while (true) {
      const next = this.#sleepers.filter((each) => each.at <= target).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      this.#move(next.at - this.#monotonicMs);
      next.wake();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    this.#move(target - this.#monotonicMs);
  }

  /** Moves the host's time alone, as an NTP step or a person does. */
  jump(us: number): void {
    this.#us += us;
  }

  #move(ms: number): void {
    this.#monotonicMs += ms;
    this.#us += ms * 1000;
  }
}
