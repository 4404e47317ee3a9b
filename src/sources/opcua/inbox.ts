import type { EdgeError } from "../../core/error.ts";
import type { Refusal } from "../../core/reading.ts";
import { Condition } from "../../lib/condition.ts";
import type { OpcuaReading } from "./reading.ts";

/** What arrived together and is handed over together. */
export interface Arrivals {
  readonly readings: readonly OpcuaReading[];
  readonly refusals: readonly Refusal[];
}

export interface InboxLimits {
  /** Readings, or refusals. */
  readonly values: number;
  /** Of texts, encodings and refused bytes. */
  readonly bytes: number;
}

/** What a value takes beside its text and its encoding, roughly. */
const VALUE_BYTES = 256;

/** Values between the session, which puts, and the pipeline, which takes. Nothing is refused: whoever puts watches `isFull`. */
export class Inbox {
  readonly #limits: InboxLimits;
  readonly #arrived = new Condition();
  #readings: OpcuaReading[] = [];
  #refusals: Refusal[] = [];
  #bytes = 0;
  #failure: EdgeError | undefined;

  constructor(limits: InboxLimits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#size >= this.#limits.values || this.#bytes >= this.#limits.bytes;
  }

  /** Whether nothing comes any more. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  get #size(): number {
    return this.#readings.length + this.#refusals.length;
  }

  put(readings: readonly OpcuaReading[]): void {
    for (const reading of readings) {
      this.#bytes += bytesOf(reading);
      this.#readings.push(reading);
    }
    this.#arrived.wake();
  }

  refuse(refusal: Refusal): void {
    this.#bytes += refusal.payload.length + VALUE_BYTES;
    this.#refusals.push(refusal);
    this.#arrived.wake();
  }

  /** Nothing comes any more; what is there can still be taken. The first reason counts. */
  fail(reason: EdgeError): void {
    this.#failure ??= reason;
    this.#arrived.wake();
  }

  /**
   * As many readings as `most` says, oldest first and one at least, and all refusals; waits for the first.
   * @throws what `fail` was told, and the signal's reason
   */
  async take(most: InboxLimits, signal: AbortSignal): Promise<Arrivals> {
    while (this.#size === 0) {
      if (this.#failure) throw this.#failure;
      await this.#arrived.wait(signal);
    }
    const refusals = this.#refusals;
    this.#refusals = [];
    for (const { payload } of refusals) this.#bytes -= payload.length + VALUE_BYTES;
    return { readings: this.#takeReadings(most), refusals };
  }

  #takeReadings({ values, bytes }: InboxLimits): readonly OpcuaReading[] {
    const limit = Math.min(values, this.#readings.length);
    let count = 0;
    let taken = 0;
    while (count < limit) {
      const next = bytesOf(this.#readings[count]!); // within the array
      if (count > 0 && taken + next > bytes) break;
      taken += next;
      count++;
    }
    this.#bytes -= taken;
    return this.#readings.splice(0, count);
  }
}

function bytesOf({ value: { text, raw } }: OpcuaReading): number {
  return (text?.length ?? 0) + (raw?.length ?? 0) + VALUE_BYTES;
}
