import type { ClockDoubt } from "../core/clock.ts";
import type { Report } from "../core/event.ts";
import type { HostClock } from "./host_clock.ts";

const LOOK_MS = 10_000;
/** What a time service corrects by and by is not worth a line. */
const MAX_AHEAD_MS = 5_000;
/** How often the time is left for the next run: each is two syncs of the disk. */
const KEEP_MS = 300_000;

export interface ClockWatchDeps {
  readonly clock: HostClock;
  readonly report: Report;
  /** Keeps a time that the clock is trusted to be right at. */
  readonly keep: (nowUs: number) => void;
}

/** Says when the host's clock is known to be wrong, when it is right again, and when it is set ahead. */
export function watchClock({ clock, report, keep }: ClockWatchDeps): Disposable {
  let doubt: ClockDoubt | undefined;
  const look = () => {
    const before = doubt;
    const { behindUs } = clock; // after a day it is forgotten
    doubt = clock.doubt();
    const nowUs = clock.nowUs();
    if (doubt !== undefined && doubt !== before) report({ kind: "host_clock_doubted", doubt, nowUs, behindUs });
    if (doubt !== undefined || before === undefined) return;
    report({ kind: "host_clock_trusted", why: clock.wasBelieved ? "steady" : "right", nowUs });
  };
  /** How far the host's time is from the clock that never jumps. */
  const offsetMs = () => clock.nowUs() / 1000 - clock.monotonicMs();
  let lastMs = offsetMs();
  const lookForJump = () => {
    const nowMs = offsetMs();
    if (nowMs - lastMs > MAX_AHEAD_MS) {
      report({ kind: "host_clock_jumped", aheadUs: Math.round((nowMs - lastMs) * 1000) });
    }
    lastMs = nowMs;
  };
  const keepTime = () => {
    if (doubt === undefined) keep(clock.nowUs());
  };
  look();
  keepTime();
  using watches = new DisposableStack();
  watches.defer(keepTime);
  watches.use(clock.every(LOOK_MS, () => {
    lookForJump();
    look();
  }));
  watches.use(clock.every(KEEP_MS, keepTime));
  return watches.move();
}
