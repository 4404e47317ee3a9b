import type { ConnectorEvent } from "../core/event.ts";
import { inWords, repeated, type Voice } from "./voice.ts";

type Of<K extends ConnectorEvent["kind"]> = Extract<ConnectorEvent, { kind: K }>;

export function sourceHeldBack(
  { log, fold }: Voice,
  { source, perSecond, waitMs }: Of<"source_held_back">,
): void {
  const total = fold.take(`held back ${source}`);
  if (total === undefined) return;
  const what = `gives more than the ${perSecond} readings per second of its rate_limit.readings_per_second`;
  const then = "what it gives meanwhile waits at the device, or is lost there and counted";
  log.log("warn", `Source ${source} ${what}, and is not read for ${inWords(waitMs)}: ${then}`, {
    source,
    code: "readings_limited",
    wait_ms: Math.round(waitMs),
    ...repeated(total),
  });
}
