/** A unit that does not answer is asked again after at most this long. */
const MAX_PAUSE_MS = 60_000;

interface Silence {
  readonly failures: number;
  readonly retryAtMs: number;
}

/**
 * Keeps units that do not answer from taking the line's time: each waits out a time-out, and the others are behind it.
 * The first time-out costs nothing more, then pauses of 1, 3, 7, … time-outs follow, up to a minute. Times are monotonic.
 */
export class UnitBreaker {
  readonly #silent = new Map<number, Silence>();
  /** By unit: the longest that an answer took which came too late, since the last that came in time. */
  readonly #lateMs = new Map<number, number>();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** When the unit may be asked; 0 for at once. */
  retryAtMs(unit: number): number {
    return this.#silent.get(unit)?.retryAtMs ?? 0;
  }

  /** It is not asked before `clearAtMs` in any case. @returns how often in a row the unit has failed to answer */
  failed(unit: number, nowMs: number, clearAtMs = 0): number {
    const failures = (this.#silent.get(unit)?.failures ?? 0) + 1;
    const pauseMs = Math.min(MAX_PAUSE_MS, this.#timeoutMs * (2 ** (failures - 1) - 1));
    this.#silent.set(unit, { failures, retryAtMs: Math.max(nowMs + pauseMs, clearAtMs) });
    return failures;
  }

  answered(unit: number): void {
    this.#silent.delete(unit);
    this.#lateMs.delete(unit);
  }

  /** An answer came after its time-out, `afterMs` from its request. */
  answeredLate(unit: number, afterMs: number): void {
    this.#lateMs.set(unit, Math.max(afterMs, this.#lateMs.get(unit) ?? 0));
  }

  /** What to say of `units` where their answers do come, after their time-outs; undefined where none came. */
  lateText(units: Iterable<number>): string | undefined {
    const lateMs = Math.max(...Array.from(units, (unit) => this.#lateMs.get(unit) ?? 0));
    return lateMs > 0 ? `answers after ${roundedUp(lateMs / 1000)} s: raise timeout_seconds above it` : undefined;
  }

  /** A new session: every unit may be asked. */
  forget(): void {
    this.#silent.clear();
  }
}

/** To two digits. */
function roundedUp(seconds: number): number {
  const unit = 10 ** (1 - Math.floor(Math.log10(seconds)));
  return Math.ceil(seconds * unit) / unit;
}
