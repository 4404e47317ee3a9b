/** Metrics as the API gives them: the same as Prometheus reads, as values. */
export interface Family {
  readonly name: string;
  readonly values: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

export interface MetricsEvent {
  readonly metrics?: readonly Family[];
}

/** Histogram of the time from sending a batch to its acknowledgement. */
const ACK = "connector_sink_request_seconds";

/** Mean time to an acknowledgement between two looks, in milliseconds; undefined where none came. */
export function meanAckMs(before: readonly Family[], now: readonly Family[]): number | undefined {
  const count = sum(now, `${ACK}_count`) - sum(before, `${ACK}_count`);
  const seconds = sum(now, `${ACK}_sum`) - sum(before, `${ACK}_sum`);
  return count > 0 ? (seconds / count) * 1000 : undefined;
}

/** Of a series of the histogram, over all lanes. */
function sum(families: readonly Family[], name: string): number {
  const values = families.find((family) => family.name === ACK)?.values ?? [];
  return values.filter((each) => each.name === name).reduce((total, { value }) => total + value, 0);
}
