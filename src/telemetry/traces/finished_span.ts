import type { Attributes, SpanKind } from "../../lib/tracing.ts";

/** A span that is over. Times are in microseconds since 1970-01-01 UTC; its end is never before its start. */
export interface FinishedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined: the first of its trace. */
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startUs: number;
  readonly endUs: number;
  readonly attributes: Attributes;
  readonly hasFailed: boolean;
}
