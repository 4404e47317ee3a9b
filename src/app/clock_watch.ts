import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";

const LOOK_MS = 10_000;
/** What a time service corrects by and by is not worth a line. */
const MAX_BACK_MS = 5_000;
/** Starts within one second count the epoch up, so that it is ahead by as many seconds. */
const MAX_AHEAD_SECONDS = 60;
const HARMLESS = "The times of new rows go back by that; their order and identity do not depend on it";

export interface ClockWatchDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Never smaller than the host's time, in seconds, at any start before. */
  readonly bootEpoch: number;
}

/** Says when the host's clock is behind an earlier start of the connector, or jumps back while it runs. */
export function watchClock({ clock, log, bootEpoch }: ClockWatchDeps): Disposable {
  const tell = (text: string, seconds: number) =>
    log.log("warn", `${text}. ${HARMLESS}`, { code: "clock_went_back", seconds });
  const ahead = bootEpoch - Math.floor(clock.nowUs() / 1_000_000);
  if (ahead > MAX_AHEAD_SECONDS) {
    tell(`The host's clock is ${ahead} seconds behind where it was at an earlier start`, ahead);
  }
  /** How far the host's time is from the clock that never jumps. */
  const offsetMs = () => clock.nowUs() / 1000 - clock.monotonicMs();
  let lastMs = offsetMs();
  return clock.every(LOOK_MS, () => {
    const nowMs = offsetMs();
    const back = Math.round((lastMs - nowMs) / 1000);
    if (lastMs - nowMs > MAX_BACK_MS) tell(`The host's clock jumped back by ${back} seconds`, back);
    lastMs = nowMs;
  });
}
