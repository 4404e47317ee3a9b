import type { SourceEntry } from "../config/mod.ts";
import type { SourceDeps } from "../core/source.ts";
import { paceOf } from "./pace.ts";

/** The same with the pace that a source's requests keep to (`rate_limit`), where it has one. */
export function depsFor<D extends Pick<SourceDeps, "clock">>(
  { rateLimit }: Pick<SourceEntry, "rateLimit">,
  deps: D,
): D & Pick<SourceDeps, "pace"> {
  const pace = paceOf(rateLimit, deps.clock);
  return pace ? { ...deps, pace } : deps;
}
