import type { Clock, ClockDoubt } from "../core/clock.ts";

/** What a time service corrects by and by is not worth a word. */
const SLACK_US = 5_000_000;
/** A clock that went back and never catches up was too far ahead before: after so long it is believed. */
const BELIEVED_MS = 86_400_000;

export interface HostClockOptions {
  readonly clock: Clock;
  /** No right clock is behind this: microseconds since 1970-01-01 UTC. */
  readonly releasedUs: number;
  /** The latest time that an earlier run knows of. */
  readonly knownUs: number;
}

/**
 * The host's clock, judged whenever it is asked: it is wrong when it is behind this version of the connector, or behind
 * where it already was. A host without a battery begins in 1970, or where it was switched off; one that is set by hand
 * jumps. Rows that are stamped meanwhile say so, from the first one on.
 */
export class HostClock implements Clock {
  readonly #clock: Clock;
  readonly #releasedUs: number;
  /** The latest time that it ever said, as far as that is known. */
  #latestUs: number;
  /** When it was first seen behind that, by the clock that never jumps. */
  #behindSinceMs: number | undefined;
  #wasBelieved = false;

  constructor({ clock, releasedUs, knownUs }: HostClockOptions) {
    this.#clock = clock;
    this.#releasedUs = releasedUs;
    this.#latestUs = knownUs;
  }

  nowUs(): number {
    return this.#clock.nowUs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal);
  }

  every(ms: number, task: () => void | Promise<void>): Disposable {
    return this.#clock.every(ms, task);
  }

  doubt(): ClockDoubt | undefined {
    const nowUs = this.nowUs();
    if (nowUs < this.#releasedUs) {
      this.#wasBelieved = false;
      return "before_release";
    }
    const isBehind = nowUs < this.#latestUs - SLACK_US;
    if (isBehind && !this.#isBelieved()) return "went_back";
    if (this.#behindSinceMs !== undefined) this.#wasBelieved = isBehind;
    this.#latestUs = isBehind ? nowUs : Math.max(this.#latestUs, nowUs);
    this.#behindSinceMs = undefined;
    return undefined;
  }

  /** Whether the last doubt ended because it lasted, not because the clock caught up. */
  get wasBelieved(): boolean {
    return this.#wasBelieved;
  }

  /** How far it is behind where it already was. */
  get behindUs(): number {
    return Math.max(0, this.#latestUs - this.nowUs());
  }

  #isBelieved(): boolean {
    const nowMs = this.monotonicMs();
    this.#behindSinceMs ??= nowMs;
    return nowMs - this.#behindSinceMs >= BELIEVED_MS;
  }
}
