import type { Logger } from "../../core/logger.ts";
import type { DecodedValue } from "./decode.ts";

const HOUR_US = 3_600_000_000;
const LIMIT_US = HOUR_US;

/**
 * Tells once when the server's clock is more than an hour away from ours. The first value of a node may be as old as its
 * last change; every later one has just changed, and one from the future is wrong at any time.
 */
export class ClockCheck {
  readonly #log: Logger;
  readonly #changing = new Set<number>();
  #mode: "both" | "future" | "told" = "both";

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `isOursWrong`: it is our clock that is known to be wrong, and says nothing about the server's. */
  see(handle: number, { sourceTimeUs, statusCode }: DecodedValue, arrivedUs: number, isOursWrong = false): void {
    if (isOursWrong || this.#mode === "told" || sourceTimeUs === undefined) return;
    const aheadUs = sourceTimeUs - arrivedUs;
    const isFirst = !this.#changing.has(handle);
    if (statusCode === 0) this.#changing.add(handle);
    else this.#changing.delete(handle); // its next value may be an old one again
    if (aheadUs > LIMIT_US) this.#tell(aheadUs, "ahead of");
    else if (aheadUs < -LIMIT_US && !isFirst && this.#mode === "both") this.#tell(-aheadUs, "behind");
  }

  /** All nodes give a first value again. */
  begin(): void {
    this.#changing.clear();
  }

  /** There is no such node any more. */
  forget(handle: number): void {
    this.#changing.delete(handle);
  }

  /** Values have been left with the server, and may come late from now on. */
  allowLate(): void {
    if (this.#mode === "both") this.#mode = "future";
  }

  #tell(us: number, direction: "ahead of" | "behind"): void {
    this.#mode = "told";
    this.#changing.clear();
    const hours = Math.round(us / HOUR_US);
    this.#log.log("warn", `The server's clock is ${hours} h ${direction} ours: event times are wrong by as much`, {
      hours,
    });
  }
}
