import type { Clock } from "../core/clock.ts";
import type { Pace } from "../core/source.ts";
import { RateLimit } from "../lib/rate_limit.ts";

/** What spaces a source's requests evenly (`rate_limit`); undefined where nothing limits them. */
export function paceOf(
  { requests_per_second: perSecond }: { readonly requests_per_second: number | null },
  clock: Clock,
): Pace | undefined {
  if (perSecond === null) return undefined;
  const limit = new RateLimit({ perSecond, burstMs: 0, clock });
  return { turn: (signal) => limit.take(1, signal) };
}
