import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";

const HOUR_MS = 3_600_000;
/** Before the first restart within an hour, the second, and so on: a disk that dies must not keep a host busy. */
const WAITS_MS = [0, 60_000, 300_000, 900_000] as const;
const LONGEST_MS = 900_000;

/** When a connector starts anew because something on its disk was damaged: at most six times an hour. */
export class Restarts {
  readonly #clock: Pick<Clock, "monotonicMs" | "sleep">;
  #lastMs: number[] = [];

  constructor(clock: Pick<Clock, "monotonicMs" | "sleep">) {
    this.#clock = clock;
  }

  /** Waits until it is time for one more. Says whether that came before the word to stop. */
  async wait(log: Logger, stopping: AbortSignal): Promise<boolean> {
    const waitMs = this.#next();
    const when = waitMs > 0 ? `in ${waitMs / 60_000} min, since that happened within the last hour too` : "now";
    log.log("warn", `The spool is damaged, so the connector starts anew ${when}`, { code: "restart", wait_ms: waitMs });
    if (waitMs === 0) return !stopping.aborted;
    return await this.#clock.sleep(waitMs, stopping).then(() => true, () => false);
  }

  /** Counts one more, and says how many milliseconds it has to wait. */
  #next(): number {
    const nowMs = this.#clock.monotonicMs();
    this.#lastMs = this.#lastMs.filter((ms) => nowMs - ms < HOUR_MS);
    const waitMs = WAITS_MS[this.#lastMs.length] ?? LONGEST_MS;
    this.#lastMs.push(nowMs + waitMs);
    return waitMs;
  }
}
