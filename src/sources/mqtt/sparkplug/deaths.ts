import type { MqttReading } from "../reading.ts";
import type { Born } from "./known_nodes.ts";
import type { KnownMetrics } from "./known_metrics.ts";
import { type Envelope, markOf, msOf, tagAt } from "./readings.ts";
import { sparkplugTopic } from "./topic.ts";

/** One row that says whether a node or device is there. */
export function stateRow(envelope: Envelope, state: "online" | "offline", ms: number | undefined): MqttReading {
  const status = state === "offline" ? "Stale" : undefined;
  return markOf(envelope, {
    from: tagAt(envelope),
    ms,
    text: state,
    marks: { status, valueType: "State" },
  });
}

/** A device that died with its node, without a word of its own: as if its DDEATH had come. */
export function deviceEnvelope(envelope: Envelope, device: string): Envelope {
  const place = { ...envelope.place, device };
  return { ...envelope, place, topic: sparkplugTopic("DDEATH", place) };
}

/** The state, and one row without a value for each metric that is stale from now on. */
export function* deathRows(
  envelope: Envelope,
  born: Born | undefined,
  ms: number | undefined,
): Generator<MqttReading, void> {
  yield stateRow(envelope, "offline", ms);
  yield* staleRows(envelope, born?.metrics, { ms });
}

/** One after another: at no time are there more of them than are asked for. `but`: metrics that live on. */
export function* staleRows(
  envelope: Envelope,
  metrics: KnownMetrics | undefined,
  { ms, but }: { ms: number | undefined; but?: KnownMetrics },
): Generator<MqttReading, void> {
  for (const { name, dataType, unit } of metrics ?? []) {
    if (dataType === "Template" || but?.named(name)) continue; // a template has no rows of its own
    const from = tagAt(envelope, { name, unit });
    yield markOf(envelope, { from, ms, marks: { status: "Stale", valueType: dataType } });
  }
}

/** The rows of all `parts`, made as they are asked for. */
export function* joined(...parts: readonly Iterable<MqttReading>[]): Generator<MqttReading, void> {
  for (const part of parts) yield* part;
}

/**
 * When a payload says that it was sent. Not of use for a NDEATH, which says when the node connected: the broker publishes
 * it as the node's will.
 */
export function plausibleMs(timestampMs: number | bigint | undefined): number | undefined {
  try {
    return msOf(timestampMs);
  } catch {
    return undefined; // what happened counts, whatever its clock shows
  }
}
