import type { MqttReading, MqttTag, SparkplugMarks } from "../reading.ts";
import type { KnownMetric } from "./known_metrics.ts";
import type { Metric } from "./payload.ts";
import type { MetricProperties } from "./properties.ts";
import type { Room } from "./room.ts";
import { NAMESPACE } from "./topic.ts";
import { UnreadableValue } from "./unreadable.ts";
import { columnValue } from "./value.ts";

/** Milliseconds whose microseconds a `number` holds exactly: until the year 2255. */
const MAX_MS = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

/** A node, or one of its devices. */
export interface Place {
  readonly group: string;
  readonly node: string;
  readonly device: string | undefined;
}

/** What all rows of one message have in common. */
export interface Envelope {
  readonly topic: string;
  readonly place: Place;
  readonly qos: number | undefined;
  readonly isRetained: boolean | undefined;
  readonly arrivedUs: number;
  readonly timestampMs: number | bigint | undefined;
  /** Of the topic's settings, where a birth says none. */
  readonly unit: string | undefined;
  readonly sensorType: string | undefined;
  readonly labels: MqttTag["labels"];
  readonly room: Room;
}

/** What a metric is read with. */
export interface MetricContext {
  readonly envelope: Envelope;
  readonly name: string;
  /** Undefined where no birth has named the metric. */
  readonly known: KnownMetric | undefined;
  /** Its properties. */
  readonly said: MetricProperties;
  /** Its name was found by an alias that may have been given anew since. */
  readonly isDoubtful: boolean;
  readonly isBirth: boolean;
}

/** One metric as a reading. @throws {UnreadableValue} @throws {MalformedPayload} */
export function readingOf(metric: Metric, context: MetricContext): MqttReading {
  const { envelope, known, said } = context;
  const dataType = metric.dataType === "Unknown" ? known?.dataType ?? "Unknown" : metric.dataType;
  const { value, text } = metric.isNull ? {} : columnValue(metric.value, dataType, envelope.room);
  const ms = timeOf(metric, envelope);
  const from = tagFor(context, said.unit);
  const sparkplug = {
    status: statusOf(said.status, context.isDoubtful),
    valueType: dataType === "Unknown" ? undefined : dataType,
    isHistorical: metric.isHistorical,
    isTransient: metric.isTransient,
  };
  return {
    tag: from.name,
    from,
    eventTimeUs: ms === undefined ? envelope.arrivedUs : ms * 1000,
    value,
    text,
    timestampMs: ms,
    qos: envelope.qos,
    isRetained: envelope.isRetained,
    payload: metric.bytes,
    sparkplug,
  };
}

/** A row that says what became of a node, a device or one of its metrics, which no value stands for. */
export function markOf(
  envelope: Envelope,
  { from, ms, text, marks }: { from: MqttTag; ms: number | undefined; text?: string; marks: Partial<SparkplugMarks> },
): MqttReading {
  return {
    tag: from.name,
    from,
    eventTimeUs: ms === undefined ? envelope.arrivedUs : ms * 1000,
    value: undefined,
    text,
    timestampMs: ms,
    qos: envelope.qos,
    isRetained: envelope.isRetained,
    payload: undefined,
    sparkplug: { status: undefined, valueType: undefined, isHistorical: false, isTransient: false, ...marks },
  };
}

/**
 * The tag of a metric, the same for births, data and deaths; without `metric` that of the node or device itself. A unit
 * that the metric does not say is the topic's.
 */
export function tagAt(
  envelope: Envelope,
  metric?: { readonly name: string; readonly unit: string | undefined },
): MqttTag {
  const { topic, place: { group, node, device }, sensorType, labels } = envelope;
  const place = `${NAMESPACE}/${group}/${node}${device === undefined ? "" : `/${device}`}`;
  return {
    name: metric === undefined ? place : `${place}:${metric.name}`,
    topic,
    sensorName: metric?.name ?? device ?? node,
    sensorType,
    labels,
    unit: metric && (metric.unit ?? envelope.unit),
  };
}

/** @throws {UnreadableValue} where the time cannot be, or where nothing says when a historical value was so */
function timeOf(metric: Metric, envelope: Envelope): number | undefined {
  if (metric.isHistorical && metric.timestampMs === undefined) {
    throw new UnreadableValue("a historical value without a timestamp: nothing says when it was so");
  }
  return msOf(metric.timestampMs ?? envelope.timestampMs);
}

/** A time of a payload. @throws {UnreadableValue} where it is beyond the year 2255 */
export function msOf(ms: number | bigint | undefined): number | undefined {
  if (ms === undefined || (typeof ms === "number" && ms <= MAX_MS)) return ms;
  throw new UnreadableValue(`the timestamp ${ms} ms, which no clock shows`);
}

/** Data of a known metric share one tag; a birth's rows have its topic and are few. */
function tagFor({ envelope, known, name, isBirth }: MetricContext, unit: string | undefined): MqttTag {
  if (!known || isBirth) return tagAt(envelope, { name, unit: unit ?? known?.unit });
  if (unit !== undefined && unit !== known.unit) {
    known.unit = unit;
    known.dataTag = undefined;
  }
  return known.dataTag ??= tagAt(envelope, { name, unit: known.unit });
}

function statusOf(said: string | undefined, isDoubtful: boolean): string | undefined {
  return isDoubtful && (said === undefined || said === "Good") ? "Unconfirmed" : said;
}
