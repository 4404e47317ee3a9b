import type { BreakerState } from "../core/event.ts";
import type { Clock } from "../core/clock.ts";

export interface BreakerOptions {
  readonly isEnabled: boolean;
  /** Failures in a row that open it. */
  readonly failureThreshold: number;
  /** Successes in a row, while half open, that close it. */
  readonly successThreshold: number;
  /** How long it stays open before one send may try again. */
  readonly openMs: number;
  /** The same, where nothing helps until a person changes something. */
  readonly probeMs: number;
  readonly clock: Clock;
  /** Told of every change of state. */
  readonly changed: (state: BreakerState) => void;
}

/**
 * Keeps a lane from hammering a sink that is away: closed, rows are sent; open, they wait; half open, one send at a
 * time shows whether the sink is back (Nygard, "Release It!", Circuit Breaker).
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #state: BreakerState = "closed";
  #failures = 0;
  #successes = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** The sink acknowledged something. */
  succeeded(): void {
    this.#failures = 0;
    if (this.#state !== "half_open") return;
    if (++this.#successes >= this.#options.successThreshold) this.#change("closed");
  }

  /**
   * An attempt failed; `isHalt` where nothing helps until a person changes something. Says for how many milliseconds
   * to stay away; undefined where the breaker leaves that to the backoff.
   */
  failed(isHalt: boolean): number | undefined {
    const { isEnabled, failureThreshold, openMs, probeMs } = this.#options;
    this.#failures++;
    const opens = isHalt || (isEnabled && (this.#state !== "closed" || this.#failures >= failureThreshold));
    if (!opens) return undefined;
    this.#change("open");
    return isHalt ? probeMs : openMs;
  }

  /** Resolves when an attempt may be made. @throws the signal's reason */
  async pass(waitMs: number, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(waitMs, signal);
    if (this.#state === "open") this.#change("half_open");
  }

  #change(state: BreakerState): void {
    this.#successes = 0;
    if (state === this.#state) return;
    this.#state = state;
    this.#options.changed(state);
  }
}
