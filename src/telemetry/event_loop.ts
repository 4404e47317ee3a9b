import type { Clock } from "../core/clock.ts";
import type { Metrics } from "./metrics.ts";

const INTERVAL_MS = 250;

/** Measures, until disposed, how late a timer fires: what every timer, acknowledgement and page waits beside its own time. */
export function watchEventLoop(clock: Clock, metrics: Metrics): Disposable {
  let dueMs = clock.monotonicMs() + INTERVAL_MS;
  return clock.every(INTERVAL_MS, () => {
    const nowMs = clock.monotonicMs();
    metrics.loopDelaySeconds.observe(Math.max(0, nowMs - dueMs) / 1000);
    dueMs = nowMs + INTERVAL_MS;
  });
}
