import type { EdgeError } from "../../core/error.ts";
import type { Refusal } from "../../core/reading.ts";
import { Condition } from "../../lib/condition.ts";
import type { OpcuaReading } from "./reading.ts";

/** What arrived together and is handed over together. */
export interface Arrivals {
  readonly readings: readonly OpcuaReading[];
  readonly refusals: readonly Refusal[];
}

/** Values between the session, which puts, and the pipeline, which takes. Whoever puts watches `size`. */
export class Inbox {
  readonly #arrived = new Condition();
  #readings: OpcuaReading[] = [];
  #refusals: Refusal[] = [];
  #failure: EdgeError | undefined;

  get size(): number {
    return this.#readings.length + this.#refusals.length;
  }

  put(readings: readonly OpcuaReading[]): void {
    for (const reading of readings) this.#readings.push(reading);
    this.#arrived.wake();
  }

  refuse(refusal: Refusal): void {
    this.#refusals.push(refusal);
    this.#arrived.wake();
  }

  /** Nothing comes any more; what is there can still be taken. The first reason counts. */
  fail(reason: EdgeError): void {
    this.#failure ??= reason;
    this.#arrived.wake();
  }

  /** Up to `max` readings, oldest first; waits for the first. @throws what `fail` was told, and the signal's reason */
  async take(max: number, signal: AbortSignal): Promise<Arrivals> {
    while (this.size === 0) {
      if (this.#failure) throw this.#failure;
      await this.#arrived.wait(signal);
    }
    const refusals = this.#refusals;
    this.#refusals = [];
    return { readings: this.#takeReadings(max), refusals };
  }

  #takeReadings(max: number): readonly OpcuaReading[] {
    if (this.#readings.length > max) return this.#readings.splice(0, max);
    const all = this.#readings;
    this.#readings = [];
    return all;
  }
}
