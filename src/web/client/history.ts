/** One moment of the charts. Rates are per second; undefined where nobody knows. */
export interface Sample {
  /** Seconds since 1970-01-01 UTC. */
  readonly at: number;
  readonly read: number | undefined;
  readonly written: number | undefined;
  readonly queue: number | undefined;
  readonly spoolBytes: number | undefined;
  /** Undefined while nothing is acknowledged. */
  readonly ackMs: number | undefined;
}

/** What `GET /api/metrics/history` answers. */
export interface HistoryAnswer {
  readonly step_seconds: number;
  readonly times: readonly number[];
  readonly values: Readonly<
    Record<"read" | "written" | "queue" | "spool_bytes" | "ack_ms", readonly (number | null)[]>
  >;
}

/** How far back charts look. */
export interface Span {
  readonly step: "second" | "minute";
  readonly seconds: number;
}

export const SPANS = {
  quarter: { step: "second", seconds: 900 },
  day: { step: "minute", seconds: 86_400 },
} as const satisfies Record<string, Span>;

/** `samples` with what came after them, without what is too old. */
export function withAnswer(
  samples: readonly Sample[],
  { times, values }: HistoryAnswer,
  { seconds }: Span,
): readonly Sample[] {
  const last = samples.at(-1)?.at ?? 0;
  const come = times.map((at, index): Sample => ({
    at,
    read: values.read[index] ?? undefined,
    written: values.written[index] ?? undefined,
    queue: values.queue[index] ?? undefined,
    spoolBytes: values.spool_bytes[index] ?? undefined,
    ackMs: values.ack_ms[index] ?? undefined,
  })).filter(({ at }) => at > last);
  const newest = come.at(-1)?.at ?? last;
  return come.length === 0 ? samples : [...samples, ...come].filter(({ at }) => at > newest - seconds);
}

/** What is known of one series, in uPlot's form: times, then values; null where there is none. */
export function columnsOf(
  samples: readonly Sample[],
  keys: readonly (keyof Sample)[],
): [number[], ...(number | null)[][]] {
  return [samples.map(({ at }) => at), ...keys.map((key) => samples.map((sample) => sample[key] ?? null))];
}
