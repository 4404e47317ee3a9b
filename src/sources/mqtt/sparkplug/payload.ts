import { type DataType, dataTypeOf } from "./data_type.ts";
import { MalformedPayload, WireFields } from "./wire.ts";

/** What stands in the `oneof value` of a metric, a property or an element of a data set, not yet read by its type. */
export type RawValue =
  | { readonly kind: "none" }
  | { readonly kind: "integer"; readonly value: number | bigint }
  | { readonly kind: "real"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "bytes" | "dataset" | "template"; readonly bytes: Uint8Array };

/** A metric as it stands in a payload (Sparkplug 3.0, 6.4.6). */
export interface Metric {
  readonly name: string | undefined;
  readonly alias: number | bigint | undefined;
  /** Milliseconds since 1970-01-01 UTC; undefined where the metric has none, or one that was never set. */
  readonly timestampMs: number | bigint | undefined;
  /** `Unknown` where the metric does not say it. */
  readonly dataType: DataType;
  readonly isHistorical: boolean;
  readonly isTransient: boolean;
  readonly isNull: boolean;
  /** A PropertySet, still to be read. */
  readonly properties: Uint8Array | undefined;
  readonly value: RawValue;
  /** The metric as it came, protobuf. */
  readonly bytes: Uint8Array;
}

/** A Sparkplug B payload (Sparkplug 3.0, 6.4.4). */
export interface SparkplugPayload {
  readonly timestampMs: number | bigint | undefined;
  readonly metrics: readonly Metric[];
  readonly seq: number | undefined;
  readonly uuid: string | undefined;
  readonly body: Uint8Array | undefined;
}

export const NO_VALUE: RawValue = { kind: "none" };

const YEAR_2000_MS = Date.UTC(2000, 0);

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Reads a payload. Metrics are read, their values by type are not. @throws {MalformedPayload} */
export function readPayload(bytes: Uint8Array, maxMetrics: number): SparkplugPayload {
  const metrics: Metric[] = [];
  const payload: Draft<SparkplugPayload> = {
    timestampMs: undefined,
    metrics,
    seq: undefined,
    uuid: undefined,
    body: undefined,
  };
  const field = new WireFields(bytes);
  while (field.next()) {
    if (field.number === 1) payload.timestampMs = timeIn(field);
    else if (field.number === 2) metrics.push(readMetric(field.value()));
    else if (field.number === 3) payload.seq = Number(field.uint());
    else if (field.number === 4) payload.uuid = field.text();
    else if (field.number === 5) payload.body = field.value();
    if (metrics.length > maxMetrics) {
      throw new MalformedPayload(`more than ${maxMetrics} metrics (sparkplug.max_metrics)`);
    }
  }
  return payload;
}

/** Reads one metric. @throws {MalformedPayload} */
export function readMetric(bytes: Uint8Array): Metric {
  const metric: Draft<Metric> = {
    name: undefined,
    alias: undefined,
    timestampMs: undefined,
    dataType: "Unknown",
    isHistorical: false,
    isTransient: false,
    isNull: false,
    properties: undefined,
    value: NO_VALUE,
    bytes,
  };
  const field = new WireFields(bytes);
  while (field.next()) readMetricField(metric, field);
  return metric;
}

/** A clock that shows an earlier time, most often 0, was never set: it says nothing of when something was. */
function timeIn(field: WireFields): number | bigint | undefined {
  const ms = field.uint();
  return ms < YEAR_2000_MS ? undefined : ms;
}

function readMetricField(metric: Draft<Metric>, field: WireFields): void {
  switch (field.number) {
    case 1:
      metric.name = field.text();
      return;
    case 2:
      metric.alias = field.uint();
      return;
    case 3:
      metric.timestampMs = timeIn(field);
      return;
    case 4:
      metric.dataType = dataTypeOf(field.uint());
      return;
    case 5:
      metric.isHistorical = field.bool();
      return;
    case 6:
      metric.isTransient = field.bool();
      return;
    case 7:
      metric.isNull = field.bool();
      return;
    case 9:
      metric.properties = field.value();
      return;
    default:
      metric.value = readOneof(field, field.number - 9) ?? metric.value;
  }
}

/**
 * The member of a `oneof value`: int, long, float, double, boolean, string, in this order wherever the specification has
 * one, and in metrics bytes, data set and template behind them. Undefined for other fields.
 */
export function readOneof(field: WireFields, member: number): RawValue | undefined {
  switch (member) {
    case 1:
    case 2:
      return { kind: "integer", value: field.uint() };
    case 3:
      return { kind: "real", value: field.float() };
    case 4:
      return { kind: "real", value: field.double() };
    case 5:
      return { kind: "boolean", value: field.bool() };
    case 6:
      return { kind: "text", value: field.text() };
    case 7:
      return { kind: "bytes", bytes: field.value() };
    case 8:
      return { kind: "dataset", bytes: field.value() };
    case 9:
      return { kind: "template", bytes: field.value() };
    default:
      return undefined;
  }
}
