import { reasonOf } from "../../../core/error.ts";
import { readAnyPayload } from "./compressed.ts";
import type { Metric } from "./payload.ts";
import { columnValue } from "./value.ts";

/** Metrics that are told, and characters of the value of one. */
const MAX_METRICS = 200;
const MAX_CHARACTERS = 200;

export interface ShownLimits {
  readonly maxMetrics: number;
  readonly maxBytes: number;
}

/** A Sparkplug B payload in words, a line per metric; what is wrong with it where it is none. Never throws. */
export function shownSparkplug(payload: Uint8Array, limits: ShownLimits): string {
  try {
    const { timestampMs, seq, metrics } = readAnyPayload(payload, { ...limits, onUnpacked() {} });
    const head = [`seq ${seq ?? "none"}`, `timestamp ${timestampMs ?? "none"}`, `${metrics.length} metrics`].join(", ");
    const left = metrics.length - MAX_METRICS;
    const more = left > 0 ? [`and ${left} more`] : [];
    return [head, ...metrics.slice(0, MAX_METRICS).map(lineOf), ...more].join("\n");
  } catch (error) {
    return `no Sparkplug B that can be read: it has ${reasonOf(error)}`;
  }
}

function lineOf(metric: Metric): string {
  const { name, alias, dataType } = metric;
  const called = [name, alias === undefined ? undefined : `alias ${alias}`].filter((each) => each !== undefined);
  const value = valueOf(metric);
  const shown = value.length > MAX_CHARACTERS ? `${value.slice(0, MAX_CHARACTERS)}…` : value;
  return `${called.join(", ") || "without a name"} = ${shown}${dataType === "Unknown" ? "" : ` (${dataType})`}`;
}

/** Data of a node need not say their types: only its birth does, and a whole number is then shown as it came. */
function valueOf({ isNull, value: raw, dataType }: Metric): string {
  if (isNull) return "null";
  if (raw.kind === "integer" && dataType === "Unknown") return String(raw.value);
  try {
    const { value, text } = columnValue(raw, dataType, { takeText() {} });
    return String(value ?? text ?? "nothing");
  } catch (error) {
    return reasonOf(error);
  }
}
