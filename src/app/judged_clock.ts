import type { Clock } from "../core/clock.ts";
import { RELEASED_US } from "../lib/version.ts";
import type { InstallationIdentity } from "../pipeline/mod.ts";
import { HostClock } from "./host_clock.ts";
import { readLatestTime } from "./latest_time.ts";

/** Starts within one second count the epoch up, so that it is ahead by as many seconds. */
const MAX_STARTS_AHEAD_SECONDS = 60;

/**
 * The host's clock, with what is known of where it should be at least: the time that an earlier run left, or, where none
 * did, the boot epoch, which began as a time. The epoch never goes back: after one start with a clock too far ahead it
 * says for years what is wrong.
 */
export function judgedClock(
  { clock, home }: { readonly clock: Clock; readonly home: string },
  { bootEpoch }: InstallationIdentity,
): HostClock {
  const startedUs = (bootEpoch - MAX_STARTS_AHEAD_SECONDS) * 1_000_000;
  return new HostClock({ clock, releasedUs: RELEASED_US, knownUs: readLatestTime(home) ?? startedUs });
}
